-- name: time_load
-- title: Incidents by grid and weekday and hour, and by grid and period | 时段事件
-- output: csv
-- column: grid_code | text | code of the grid | 网格编码
-- column: level | integer | 1 street … 5 building | 层级
-- column: weekday | integer | 1 Monday … 7 Sunday; empty in rows by period | 星期
-- column: hour | integer | 0 … 23; empty in rows by period | 小时
-- column: period | text | period of the job; unknown: no time; empty in rows by hour | 统计周期
-- column: incidents | integer | incidents | 事件数
SELECT g.grid_code, g.level, t.weekday, t.hour, t.period, t.incidents
FROM (SELECT grid_id, 1 AS part, weekday, hour, NULL AS period, incidents FROM hour_load
      UNION ALL
      SELECT grid_id, 2, NULL, NULL, period, incidents FROM period_load) AS t
JOIN grids AS g USING (grid_id)
ORDER BY t.part, t.grid_id, t.weekday, t.hour, t.period
