# Writes bayes.json: Rscript bayes.R (in this folder). Debian packages: r-base-core r-cran-jsonlite.
# Posteriors by sums over even grids of the control mean, of the logarithm of the one variance and of
# the difference, with no use of the algebra of normals: likelihood times prior, and nothing else.
library(jsonlite)
set.seed(11)
control <- round(rnorm(24, -2, 3), 3)
treated <- round(rnorm(31, -0.4, 4), 3)

flat <- function(x) rep(1, length(x))
normal <- function(mean, sd) function(x) dnorm(x, mean, sd)

solve_case <- function(case) {
  of_difference <- if (is.null(case$prior_sd)) flat else normal(case$prior_mean, case$prior_sd)
  outside <- normal(case$external_mean, case$external_se)
  of_control <- switch(case$borrowing,
    none = flat,
    power = function(x) outside(x)^case$weight,
    robust = function(x) case$weight * outside(x) + (1 - case$weight) *
      dnorm(x, case$external_mean, case$external_se * sqrt(case$external_n)))
  n0 <- length(control); n1 <- length(treated); m0 <- mean(control); m1 <- mean(treated)
  squares <- sum((control - m0)^2) + sum((treated - m1)^2)
  v <- exp(seq(log(squares / (n0 + n1)) - 2.5, log(squares / (n0 + n1)) + 2.5, length.out = 121))
  mu <- seq(m0 - 8, m0 + 8, length.out = 401)
  # (variance, control mean): the likelihood of the control and of the scatter, and the priors.
  base <- outer(-(n0 + n1) / 2 * log(v) - squares / (2 * v), rep(1, length(mu))) -
    outer(1 / v, n0 * (mu - m0)^2 / 2) + outer(rep(1, length(v)), log(of_control(mu)))
  base <- exp(base - max(base))
  density <- function(d) of_difference(d) * sapply(d, function(each)
    sum(base * exp(-outer(1 / v, n1 * (m1 - mu - each)^2 / 2))))
  tidy(density, m1 - m0, sqrt(squares / (n0 + n1 - 2) * (1 / n0 + 1 / n1)), case)
}
single <- function(case) {
  n <- length(treated); m <- mean(treated); squares <- sum((treated - m)^2)
  v <- exp(seq(log(squares / n) - 4, log(squares / n) + 4, length.out = 401))
  density <- function(d) dnorm(d, case$prior_mean, case$prior_sd) * sapply(d, function(each)
    sum(exp(-n / 2 * log(v / squares * n) - (squares + n * (m - each)^2) / (2 * v))))
  tidy(density, m, sqrt(squares / (n - 1) / n), case)
}
tidy <- function(density, centre, width, case) {
  grid <- seq(centre - 14 * width, centre + 14 * width, length.out = 3001)
  f <- density(grid)
  # Sums over an even grid are all but exact for a smooth density that dies at both ends.
  f <- f / sum(f)
  mean <- sum(f * grid)
  h <- splinefun(grid, f / (grid[2] - grid[1]))
  half <- integrate(h, min(grid), centre, rel.tol = 1e-11, subdivisions = 1000L)$value
  below <- function(x) half + integrate(h, centre, x, rel.tol = 1e-11)$value
  q <- function(p) uniroot(function(x) below(x) - p, centre + c(-8, 8) * width, tol = 1e-12)$root
  c(case, list(mean = mean, sd = sqrt(sum(f * (grid - mean)^2)), lower = q(0.025),
               upper = q(0.975), probability = 1 - below(case$margin)))
}
cases <- list(
  list(borrowing = "none", margin = 0),
  list(borrowing = "none", margin = 1, prior_mean = 0.5, prior_sd = 0.8),
  list(borrowing = "power", weight = 0.4, margin = 0.5, external_mean = -2.4, external_se = 0.45),
  list(borrowing = "power", weight = 1, margin = 0, external_mean = -3, external_se = 0.3,
       prior_mean = 0, prior_sd = 2),
  list(borrowing = "robust", weight = 0.8, margin = 0, external_mean = -2.2, external_se = 0.35,
       external_n = 60),
  list(borrowing = "robust", weight = 0.9, margin = 0, external_mean = -4.5, external_se = 0.4,
       external_n = 80),
  list(borrowing = "robust", weight = 0.5, margin = 1, external_mean = -4.2, external_se = 0.4,
       external_n = 80, prior_mean = 0.5, prior_sd = 1.5))
out <- list(R = R.version.string, control = control, treated = treated,
            cases = lapply(cases, solve_case),
            single = single(list(margin = -1, prior_mean = 0, prior_sd = 0.7)))
write_json(out, "bayes.json", auto_unbox = TRUE, digits = NA, pretty = TRUE)
