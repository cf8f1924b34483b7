-- name: grid_load
-- title: Load of each grid, all levels | 网格负荷
-- output: csv geojson
-- geometry: geometry
-- column: grid_code | text | code of the grid | 网格编码
-- column: grid_name | text | name | 网格名称
-- column: level | integer | 1 street … 5 building | 层级
-- column: parent_code | text | code of the grid it belongs to | 上级编码
-- column: kind | text | kind of grid | 网格类型
-- column: households | 0 | households | 户数
-- column: population | 0 | residents | 常住人口
-- column: floating_pop | 0 | floating population | 流动人口
-- column: workers | 0 | grid workers | 网格员数
-- column: area_m2 | 1 | geodesic area, m² | 面积(m²)
-- column: incidents | integer | incidents in the grid and all below it | 事件数
-- column: incidents_lo | 1 | lower end of the 95 % interval | 事件数下限(95%)
-- column: incidents_hi | 1 | upper end of the 95 % interval | 事件数上限(95%)
-- column: incidents_default_point | integer | of these at a default point | 默认坐标事件数
-- column: minutes | 1 | handling time, minutes | 处置工时(分钟)
-- column: per_1000 | 3 | incidents per 1,000 residents | 每千人事件数
-- column: per_km2 | 3 | incidents per km² | 每平方公里事件数
-- column: per_worker | 3 | incidents per worker | 每名网格员事件数
-- column: load_ratio | 3 | load to the median of the same kind; the graded level only | 负荷系数
-- column: grade | text | low, normal, high, overload | 负荷等级
-- column: load_rank | integer | 1 is the most loaded | 负荷排名
-- column: unassigned | integer | incidents in the grid and in none of its children | 未落入下级网格事件数
SELECT g.grid_code, g.grid_name, g.level, g.parent_code, g.kind, g.households, g.population, g.floating_pop, g.workers,
       g.area_m2,
       l.incidents, l.incidents_lo, l.incidents_hi, l.incidents_default_point, l.minutes, l.per_1000, l.per_km2,
       l.per_worker, l.load_ratio, l.grade, l.load_rank, l.unassigned, g.geometry
FROM grids AS g LEFT JOIN grid_load AS l USING (grid_id)
ORDER BY g.grid_id
