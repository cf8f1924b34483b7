-- Tables of a run database. Every row belongs to one job and run date; rows stand in the order of their unique key.
-- Geometry is in the coordinate system of the grids. Numbers that are not known are NULL, never 0.

CREATE TABLE runs (
  job TEXT NOT NULL, run_date TEXT NOT NULL,
  verdict TEXT NOT NULL, verdict_strict TEXT NOT NULL, -- seamless, not_seamless: at the floor, and exact
  floor_m REAL NOT NULL, fail_on TEXT NOT NULL, crs TEXT NOT NULL,
  load_level INTEGER NOT NULL,                          -- the level that is graded and ranked
  first_day TEXT, last_day TEXT,                        -- time that is counted
  n_grids INTEGER NOT NULL, n_vertices INTEGER NOT NULL,
  PRIMARY KEY (job, run_date));

CREATE TABLE grids (
  job TEXT NOT NULL, run_date TEXT NOT NULL,
  grid_id INTEGER PRIMARY KEY,                          -- by level and code
  grid_code TEXT NOT NULL, grid_name TEXT NOT NULL, level INTEGER NOT NULL, parent_code TEXT NOT NULL,
  kind TEXT NOT NULL, role TEXT NOT NULL,               -- role: partition, overlay, exempt
  households REAL, population REAL, floating_pop REAL, workers REAL,
  declared_area_m2 REAL, area_m2 REAL);                 -- area_m2: geodesic, computed

CREATE TABLE grid_load (
  job TEXT NOT NULL, run_date TEXT NOT NULL, grid_id INTEGER PRIMARY KEY,
  incidents INTEGER NOT NULL,                           -- in the grid and all below it
  unassigned INTEGER NOT NULL,                          -- in the grid and in none of its children
  incidents_lo REAL NOT NULL, incidents_hi REAL NOT NULL, -- 95 % interval of a Poisson mean
  incidents_default_point INTEGER NOT NULL, minutes REAL NOT NULL,
  per_1000 REAL, per_km2 REAL, per_worker REAL,
  load_ratio REAL, grade TEXT, load_rank INTEGER);      -- of load_level only

CREATE TABLE categories (
  job TEXT NOT NULL, run_date TEXT NOT NULL,
  category TEXT PRIMARY KEY, name TEXT, name_en TEXT, minutes REAL);

CREATE TABLE category_load (
  job TEXT NOT NULL, run_date TEXT NOT NULL, grid_id INTEGER NOT NULL, category TEXT NOT NULL,
  incidents INTEGER NOT NULL, minutes REAL, PRIMARY KEY (grid_id, category)) WITHOUT ROWID;

CREATE TABLE hour_load (
  job TEXT NOT NULL, run_date TEXT NOT NULL, grid_id INTEGER NOT NULL,
  weekday INTEGER NOT NULL, hour INTEGER NOT NULL,      -- 1 Monday … 7 Sunday; 0 … 23
  incidents INTEGER NOT NULL, PRIMARY KEY (grid_id, weekday, hour)) WITHOUT ROWID;

CREATE TABLE period_load (
  job TEXT NOT NULL, run_date TEXT NOT NULL, grid_id INTEGER NOT NULL,
  period TEXT NOT NULL,                                 -- 2025-03, or unknown
  incidents INTEGER NOT NULL, PRIMARY KEY (grid_id, period)) WITHOUT ROWID;

CREATE TABLE defects (
  job TEXT NOT NULL, run_date TEXT NOT NULL, defect_id INTEGER PRIMARY KEY,
  stable_id TEXT NOT NULL, rule TEXT NOT NULL, kind TEXT NOT NULL, severity TEXT NOT NULL, level INTEGER NOT NULL,
  grid_codes TEXT NOT NULL,                             -- joined by ;
  cause TEXT NOT NULL, status TEXT NOT NULL, excused_by TEXT NOT NULL,
  area_m2 REAL, thickness_m REAL, length_m REAL,
  incidents INTEGER, population REAL, lon REAL, lat REAL, message TEXT NOT NULL,
  counts INTEGER NOT NULL);                             -- 0: refers to another defect

CREATE TABLE crossed (
  job TEXT NOT NULL, run_date TEXT NOT NULL, level INTEGER NOT NULL,
  recorded_code TEXT NOT NULL, spatial_code TEXT NOT NULL, incidents INTEGER NOT NULL,
  PRIMARY KEY (level, recorded_code, spatial_code)) WITHOUT ROWID;

CREATE TABLE rejects (
  job TEXT NOT NULL, run_date TEXT NOT NULL, source TEXT NOT NULL, row INTEGER NOT NULL,
  rule TEXT NOT NULL, detail TEXT NOT NULL, x TEXT, y TEXT, id TEXT); -- as written

CREATE TABLE flags (
  job TEXT NOT NULL, run_date TEXT NOT NULL, source TEXT NOT NULL, row INTEGER NOT NULL,
  rule TEXT NOT NULL, detail TEXT NOT NULL, x TEXT, y TEXT, id TEXT);

CREATE TABLE accounts (
  job TEXT NOT NULL, run_date TEXT NOT NULL, source TEXT PRIMARY KEY,
  read INTEGER NOT NULL, assigned INTEGER NOT NULL, boundary INTEGER NOT NULL, overlap INTEGER NOT NULL,
  nearest INTEGER NOT NULL, outside INTEGER NOT NULL, rejected INTEGER NOT NULL, duplicates INTEGER NOT NULL,
  out_of_period INTEGER NOT NULL,
  labelled INTEGER NOT NULL, agree INTEGER NOT NULL);   -- rows whose recorded code names a grid; those that lie in it
