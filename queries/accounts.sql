-- name: accounts
-- title: Where every row went: read = assigned + outside + rejected + duplicates + out_of_period | 对账
-- output: csv
-- column: source | text | source | 来源
-- column: read | integer | rows read | 读取
-- column: assigned | integer | given to a grid | 已落格
-- column: boundary | integer | of these on a border | 其中边界
-- column: overlap | integer | of these in an overlap | 其中重叠
-- column: nearest | integer | of these to the nearest grid | 其中就近
-- column: outside | integer | in no grid | 界外
-- column: rejected | integer | cannot be placed | 拒收
-- column: duplicates | integer | id met before | 重复
-- column: out_of_period | integer | outside the time that is counted | 期外
SELECT source, read, assigned, boundary, overlap, nearest, outside, rejected, duplicates, out_of_period
FROM accounts
ORDER BY rowid
