-- name: rejects
-- title: Rows that were not counted | 未计入记录
-- output: csv
-- column: source | text | source of the row | 来源
-- column: row | integer | record number, the first behind the header is 1 | 行号
-- column: rule | text | rule | 规则
-- column: detail | text | why | 说明
-- column: x | text | as written | 原始经度
-- column: y | text | as written | 原始纬度
-- column: id | text | as written | 原始编号
SELECT source, row, rule, detail, x, y, id
FROM rejects
ORDER BY rowid
