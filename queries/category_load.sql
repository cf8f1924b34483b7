-- name: category_load
-- title: Incidents by grid and category | 分类事件
-- output: csv
-- column: grid_code | text | code of the grid | 网格编码
-- column: level | integer | 1 street … 5 building | 层级
-- column: category | text | code of the category; empty: unknown | 事件类别
-- column: incidents | integer | incidents | 事件数
-- column: minutes | 1 | handling time, minutes | 处置工时(分钟)
-- column: share | 4 | share of the grid's incidents | 占比
SELECT g.grid_code, g.level, c.category, c.incidents, c.minutes,
       1.0 * c.incidents / SUM(c.incidents) OVER (PARTITION BY c.grid_id) AS share
FROM category_load AS c JOIN grids AS g USING (grid_id)
ORDER BY c.grid_id, c.category
