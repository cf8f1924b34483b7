-- name: crossed
-- title: Recorded in one grid, lying in another: the best evidence of a misunderstood border | 跨网格
-- output: csv
-- column: level | integer | level of both grids | 层级
-- column: recorded_code | text | grid the record names | 登记网格
-- column: spatial_code | text | grid the point lies in | 空间网格
-- column: incidents | integer | incidents | 事件数
-- column: share | 4 | of the incidents in the grid the point lies in | 占比
SELECT c.level, c.recorded_code, c.spatial_code, c.incidents, 1.0 * c.incidents / l.incidents AS share
FROM crossed AS c
LEFT JOIN (SELECT level, grid_code, MIN(grid_id) AS grid_id FROM grids GROUP BY level, grid_code) AS g
  ON g.level = c.level AND g.grid_code = c.spatial_code
LEFT JOIN grid_load AS l USING (grid_id)
ORDER BY c.incidents DESC, c.level, c.recorded_code, c.spatial_code
