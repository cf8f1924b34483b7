-- name: indicators
-- title: Shares with their numerators and denominators | 指标
-- output: csv
-- column: indicator | text | name | 指标
-- column: value | 6 | numerator / denominator; empty when the denominator is 0 | 数值
-- column: numerator | 1 | numerator | 分子
-- column: denominator | 1 | denominator | 分母
-- column: lo | 6 | lower end of the 95 % interval of a share (Wilson 1927) | 下限(95%)
-- column: hi | 6 | upper end | 上限(95%)
-- column: formula | text | how it is made | 公式
WITH sums AS (
  SELECT SUM(read) AS read, SUM(assigned) AS assigned, SUM(boundary) AS boundary, SUM(overlap) AS overlap,
         SUM(outside) AS outside, SUM(rejected) AS rejected, SUM(duplicates) AS duplicates,
         SUM(out_of_period) AS out_of_period, SUM(labelled) AS labelled, SUM(agree) AS agree
  FROM accounts),
graded AS (
  SELECT COUNT(*) AS n, SUM(l.grade = 'overload') AS overload
  FROM grid_load AS l JOIN grids AS g USING (grid_id) WHERE l.grade IS NOT NULL AND l.grade <> ''),
parts AS (
  SELECT 1 AS at, 'assigned_share' AS indicator, assigned AS k, read AS n, 'assigned / read' AS formula FROM sums
  UNION ALL SELECT 2, 'outside_share', outside, read, 'outside / read' FROM sums
  UNION ALL SELECT 3, 'rejected_share', rejected, read, 'rejected / read' FROM sums
  UNION ALL SELECT 4, 'duplicate_share', duplicates, read, 'duplicates / read' FROM sums
  UNION ALL SELECT 5, 'out_of_period_share', out_of_period, read, 'out_of_period / read' FROM sums
  UNION ALL SELECT 6, 'boundary_share', boundary, assigned, 'boundary / assigned' FROM sums
  UNION ALL SELECT 7, 'overlap_share', overlap, assigned, 'overlap / assigned' FROM sums
  UNION ALL SELECT 8, 'agreement_share', agree, labelled, 'recorded grid = grid of the point / recorded code names a grid' FROM sums
  UNION ALL SELECT 9, 'overload_share', COALESCE(overload, 0), n, 'grids graded overload / graded grids' FROM graded)
SELECT indicator, CASE WHEN n > 0 THEN 1.0 * k / n END AS value, 1.0 * k AS numerator, 1.0 * n AS denominator,
       CASE WHEN n > 0 THEN MAX(0.0, (1.0 * k / n + 3.841459 / (2 * n)
            - 1.959964 * sqrt(1.0 * k / n * (1 - 1.0 * k / n) / n + 3.841459 / (4.0 * n * n))) / (1 + 3.841459 / n)) END AS lo,
       CASE WHEN n > 0 THEN MIN(1.0, (1.0 * k / n + 3.841459 / (2 * n)
            + 1.959964 * sqrt(1.0 * k / n * (1 - 1.0 * k / n) / n + 3.841459 / (4.0 * n * n))) / (1 + 3.841459 / n)) END AS hi,
       formula
FROM parts
ORDER BY at
