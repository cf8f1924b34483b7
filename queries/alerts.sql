-- name: alerts
-- title: Early warning: what asks for action first | 前置预警
-- output: csv
-- column: alert | text | overload, blind spot, people in a gap, crossed border | 预警类型
-- column: priority | integer | 1 is the most urgent | 优先级
-- column: subject | text | grid or defect | 对象
-- column: value | 2 | what was measured | 数值
-- column: threshold | 2 | what it is held against | 阈值
-- column: detail | text | in one sentence | 说明
WITH overload AS (
  -- A grid warns only when the lower end of its interval still stands above the threshold: a rank alone is mostly noise.
  SELECT 'overload' AS alert, 2 AS priority, g.grid_code AS subject, l.load_ratio AS value, 1.5 AS threshold,
         g.grid_name || ': ' || l.incidents || ' incidents, ' || printf('%.2f', l.load_ratio) ||
         ' times the median load of its kind' AS detail
  FROM grid_load AS l JOIN grids AS g USING (grid_id)
  WHERE l.grade = 'overload' AND l.incidents > 0 AND l.load_ratio * l.incidents_lo / l.incidents > 1.5),
blind AS (
  SELECT 'blind spot', 1, 'defect ' || defect_id, area_m2, 100.0, message
  FROM defects
  WHERE rule IN ('G03', 'G04') AND counts = 1 AND excused_by = '' AND severity = 'serious'),
people AS (
  SELECT 'people in a gap', 1, 'defect ' || defect_id, COALESCE(population, incidents), 0.0,
         COALESCE(CAST(incidents AS TEXT) || ' incidents', 'no incidents') ||
         COALESCE(', ' || CAST(ROUND(population) AS INTEGER) || ' people', '') || ' where no grid is: ' || message
  FROM defects
  WHERE rule IN ('G03', 'G04') AND counts = 1 AND excused_by = '' AND (incidents > 0 OR population > 0)),
border AS (
  SELECT 'crossed border', 3, c.recorded_code || ' → ' || c.spatial_code, c.incidents, 20.0,
         c.incidents || ' incidents recorded in ' || c.recorded_code || ' lie in ' || c.spatial_code
  FROM crossed AS c
  WHERE c.incidents >= 20)
SELECT alert, priority, subject, value, threshold, detail
FROM (SELECT * FROM overload UNION ALL SELECT * FROM blind UNION ALL SELECT * FROM people UNION ALL SELECT * FROM border)
ORDER BY priority, alert, value DESC, subject
