-- name: defects
-- title: What keeps the grids from being seamless | 覆盖缺陷
-- output: csv geojson
-- geometry: geometry
-- column: defect_id | integer | number in this run | 缺陷编号
-- column: stable_id | text | the same in the next run | 稳定编号
-- column: rule | text | G02 overlap, G03 gap, G04 gap at the outline, … | 规则
-- column: kind | text | kind of defect | 类型
-- column: severity | text | information, noise, sliver, ordinary, serious | 严重程度
-- column: level | integer | level of the grids | 层级
-- column: grid_codes | text | grids over it, beside it, or that have it | 相关网格
-- column: cause | text | why, where it is known | 成因
-- column: status | text | new, persisting, fixed | 状态
-- column: excused_by | text | allowed gap that covers it | 豁免依据
-- column: area_m2 | 4 | geodesic area, m² | 面积(m²)
-- column: thickness_m | 6 | diameter of the largest circle inside, m | 厚度(m)
-- column: length_m | 2 | length, m | 长度(m)
-- column: incidents | integer | incidents inside | 其中事件数
-- column: population | 0 | people inside; empty: not known | 其中人口
-- column: lon | 9 | a place inside: x or longitude | 经度
-- column: lat | 9 | y or latitude | 纬度
-- column: message | text | in one sentence | 说明
SELECT defect_id, stable_id, rule, kind, severity, level, grid_codes, cause, status, excused_by, area_m2, thickness_m,
       length_m, incidents, population, lon, lat, message, geometry
FROM defects
ORDER BY defect_id
