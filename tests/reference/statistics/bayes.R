# Writes bayes.json: Rscript bayes.R (in this folder). Debian packages: r-base-core r-cran-jsonlite.
# Posteriors by numerical integration over the control mean (integrate) and over the difference (a
# fine grid), with no use of the algebra of normals: likelihood times prior, and nothing else.
library(jsonlite)
set.seed(11)
control <- round(rnorm(24, -2, 3), 3)
treated <- round(rnorm(31, -0.4, 4), 3)

flat <- function(x) rep(1, length(x))
normal <- function(mean, sd) function(x) dnorm(x, mean, sd)

solve_case <- function(case) {
  v0 <- var(control) / length(control); v1 <- var(treated) / length(treated)
  of_difference <- if (is.null(case$prior_sd)) flat else normal(case$prior_mean, case$prior_sd)
  outside <- normal(case$external_mean, case$external_se)
  of_control <- switch(case$borrowing,
    none = flat,
    power = function(x) outside(x)^case$weight,
    robust = function(x) case$weight * outside(x) + (1 - case$weight) *
      dnorm(x, case$external_mean, case$external_se * sqrt(case$external_n)))
  m0 <- mean(control); m1 <- mean(treated)
  range0 <- m0 + c(-12, 12) * sqrt(v0)
  density <- function(d) of_difference(d) * sapply(d, function(each)
    integrate(function(mu) dnorm(m0, mu, sqrt(v0)) * dnorm(m1, mu + each, sqrt(v1)) *
                of_control(mu), range0[1], range0[2], rel.tol = 1e-11, subdivisions = 500L)$value)
  tidy(density, m1 - m0, sqrt(v0 + v1), case)
}
single <- function(case) {
  v <- var(treated) / length(treated)
  density <- function(d) dnorm(mean(treated), d, sqrt(v)) * dnorm(d, case$prior_mean, case$prior_sd)
  tidy(density, mean(treated), sqrt(v), case)
}
tidy <- function(density, centre, width, case) {
  grid <- seq(centre - 14 * width, centre + 14 * width, length.out = 8001)
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
