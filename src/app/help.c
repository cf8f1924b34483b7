/* What `wufeng help` prints. */
#include "app/commands.h"

const char wf_help_overview[] =
    "wufeng: are the grids seamless, and what does each one carry?\n"
    "\n"
    "  wufeng check  GRIDS                         is the coverage seamless? lists defects with -o\n"
    "  wufeng repair GRIDS -o OUT                  close gaps and resolve overlaps; a ledger says what moved\n"
    "  wufeng assign GRIDS INCIDENTS -o OUT.csv    the incidents with their grid\n"
    "  wufeng tally  GRIDS INCIDENTS -o OUT.csv    load per grid without keeping the incidents\n"
    "  wufeng synth  SEED.yaml -o FOLDER           a synthetic plan of grids, seamless by construction\n"
    "  wufeng help COMMAND                         options of a command with an example\n"
    "  wufeng --version\n"
    "\n"
    "GRIDS is any polygon file GDAL reads (FILE or FILE:LAYER). INCIDENTS is delimited text (CSV, TSV).\n"
    "Exit: 0 done; 1 done and the verdict fails; 2 usage; 3 input; 4 output; 5 memory; 6 cancelled; 7 internal.\n";

#define GRID_OPTIONS                                                                                                   \
    "  --code --name --level --parent COLUMN   columns of the grids; default: found by their usual names\n"

const char wf_help_run[] =
    "wufeng run JOB.yaml [options]\n"
    "\n"
    "The whole job: read the grids, check that they are seamless, give every incident to its grid, compute the load,\n"
    "and publish. Results appear at once as publish.dir/JOB/DATE with the link publish.dir/JOB/latest: a SpatiaLite\n"
    "database (run.sqlite), the CSV and GeoJSON files of the SQL queries, and manifest.json. Exit code 1 is a "
    "verdict:\n"
    "the check fails at check.fail_on. A source without rows, or without one that can be placed, is a notice beside\n"
    "others that have some; when no source has any the run ends with 3 and publishes nothing.\n"
    "\n"
    "  --set KEY=VALUE     replace a key of the job file (load.level=5); paths are relative to the working directory\n"
    "  --date DAY          run date, which names the folder; default: today\n"
    "  --dry-run           read the job file, print it as understood, stop\n"
    "  --threads N         default: all cores; the result is the same with any number\n"
    "  --progress auto|on|off\n"
    "  --json              the check's summary as one JSON object\n"
    "  -q                  say nothing\n"
    "\n"
    "Example: wufeng run geodata/lancashire/job.yaml --date 2025-01-31\n";

const char wf_help_check[] =
    "wufeng check GRIDS [-o DEFECTS.csv|.geojson|.gpkg] [options]\n"
    "\n"
    "Proves that the grids tile their area: overlaps, gaps, invalid rings, duplicate geometry and codes, level by\n"
    "level, and that each parent is filled by its own grids. Every defect has its polygon, geodesic area and\n"
    "thickness, and a sentence about it. A place is reported at the finest level where it shows.\n"
    "\n" GRID_OPTIONS "  --at-level N        check one level only (1 street … 5 building), by itself\n"
    "  --outline FILE      what the grids must fill; without it only enclosed holes are gaps\n"
    "  --allowed-gaps FILE polygons (reservoir, railway) that excuse the gaps they cover\n"
    "  --previous FILE     findings of an earlier check (what -o wrote, or a run.sqlite): tells new, persisting, "
    "fixed\n"
    "  --floor METRES      thickness that counts as noise; default: from the decimals of the coordinates\n"
    "  --fail-on SEVERITY  sliver (default), ordinary, serious or never\n"
    "  --threads N         default: all cores; the result is the same with any number\n"
    "  --json              verdict, sums and all defects as one JSON object\n"
    "\n"
    "Example: wufeng check grids.gpkg --outline street.geojson -o defects.gpkg\n";

const char wf_help_repair[] =
    "wufeng repair GRIDS -o OUT.gpkg|.geojson [options]\n"
    "\n"
    "Closes gaps and resolves overlaps, finest level first, so that OUT passes a strict check, or says what is left "
    "and\n"
    "why (exit code 1). Only grids near a defect are redrawn; the others, all columns and the outer border stay as "
    "they\n"
    "are. An overlap goes to one of its grids by the order of rules; an enclosed gap to the neighbour with the "
    "longest\n"
    "border, a long one in pieces, cut where its neighbours change. A grid that lies on another becomes a hole of it; "
    "no\n"
    "grid is emptied. Parents are redrawn as the union of their grids where these gained or lost a place; one that "
    "its\n"
    "grids did not fit before is left. The ledger lists every place that changed hands. Only the layer of the grids "
    "is\n"
    "written.\n"
    "\n" GRID_OPTIONS "  --at-level N          one level only (1 street … 5 building), by itself\n"
    "  --overlap-order LIST  rules in their order; default: priority,locked,border,area,code\n"
    "  --priority COLUMN     a number; the smaller goes first, without one last\n"
    "  --locked COLUMN       1, true, yes, 是: takes no gap and goes first in an overlap\n"
    "  --allowed-gaps FILE   polygons (reservoir, railway) over gaps that stay\n"
    "  --max-gap-width METRES, --max-gap-area M2\n"
    "                        gaps that are thicker or larger are left\n"
    "  --floor METRES        within it one of the two lines drawn for a border stands; default: from the decimals\n"
    "  --ledger FILE         kind, from, to, m², rule, place; default: OUT.ledger.csv\n"
    "  --dry-run             write the ledger alone\n"
    "  --threads N           default: all cores; the result is the same with any number\n"
    "  --json                the summary as one JSON object\n"
    "\n"
    "Example: wufeng repair grids.gpkg --at-level 4 -o repaired.gpkg\n";

#define INCIDENT_OPTIONS                                                                                               \
    "  --x --y --id --grid --category --time COLUMN\n"                                                                 \
    "                      columns of the incidents; default: by their usual names (--aliases FILE replaces the\n"     \
    "                      table of names)\n"                                                                          \
    "  --no-header         the first line is a row: columns are named by their number, from 1 (--x 3 --y 4); assign\n" \
    "                      writes no header then\n"                                                                    \
    "  --crs CRS           system of the incidents: that of the grids (default), GCJ-02, BD-09, EPSG:4545 or any\n"    \
    "                      other PROJ knows; a column of systems (坐标系) has the last word row by row\n"           \
    "  --crs-by COLUMN:VALUE=CRS,VALUE=CRS\n"                                                                          \
    "                      declared systems of groups of rows, told apart by a column\n"                               \
    "  --grids-crs CRS     system of the grids where their file does not say it or is wrong\n"                         \
    "  --from --to DAY     count the time between; other rows are out of period\n"                                     \
    "  --date DAY          day of the run, after which times are not believed; default: today\n"                       \
    "  --threads N         default: all cores; the result is the same with any number\n"                               \
    "No row with usable coordinates, or no row at all: exit 3, and nothing is written.\n"

const char wf_help_assign[] =
    "wufeng assign GRIDS INCIDENTS -o OUT.csv [options]\n"
    "\n"
    "Every input row, in order, with the grid it lies in, how it was placed, and the rule where it was not.\n"
    "\n" GRID_OPTIONS INCIDENT_OPTIONS "\n"
    "Example: wufeng assign grids.gpkg incidents.csv --crs GCJ-02 -o assigned.csv\n";

const char wf_help_tally[] =
    "wufeng tally GRIDS INCIDENTS -o OUT.csv [options]\n"
    "\n"
    "One row a grid and level: incidents with their interval, per km², per 1,000 residents, load. The accounts go\n"
    "to standard output and reconcile to the row; rows that were not counted go to OUT.rejects.csv, remarks on\n"
    "rows that were to OUT.flags.csv. INCIDENTS is delimited text in UTF-8, GB18030 or UTF-16, or any vector file.\n"
    "\n" GRID_OPTIONS INCIDENT_OPTIONS "  --by LIST           category, period, hour: counts by these to OUT.by.csv\n"
    "  --period LENGTH     day, week, month, quarter or year; needs --from and --to\n"
    "\n"
    "Example: wufeng tally grids.gpkg incidents.csv -o grid_load.csv\n";

const char wf_help_synth[] =
    "wufeng synth SEED.yaml -o FOLDER [--grids N] [--incidents N]\n"
    "\n"
    "Makes a plan of five levels (street, service centres, communities and villages, grids, building units) that tile\n"
    "their street, with crooked shared borders and people, and writes grids.gpkg, grids.geojson and outline.geojson;\n"
    "then plants defects into it: grids_defects.gpkg and .geojson, with every finding that a check of one level must\n"
    "report in truth_findings.csv; then a year of incidents with all that is wrong in real exports: incidents.csv,\n"
    "the same in GB18030, categories.csv, the truth of every row in truth_incidents.csv and, up to a million rows, "
    "the\n"
    "reports made twice in truth_near.csv. The same seed file gives the same files.\n"
    "\n"
    "  --grids N           another size: counts, area and people in proportion\n"
    "  --incidents N       another number of rows; written as they are made, so memory does not grow\n"
    "\n"
    "Example: wufeng synth seeds/jingbian.yaml -o jingbian\n";
