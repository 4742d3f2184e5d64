# Writes minimisation.json: Rscript minimisation.R (in this folder).
# Debian packages: r-base-core r-cran-jsonlite.
suppressMessages(library(jsonlite))
out <- list(versions = list(R = R.version.string))

# Minimisation of one trial, person by person, on the people allocated so far.
minimise <- function(levels, u, ratio, measure, p, weights) {
  arms <- length(ratio)
  given <- integer(0)
  for (k in seq_len(nrow(levels))) {
    score <- sapply(seq_len(arms), function(arm) {
      total <- 0
      for (f in seq_len(ncol(levels))) {
        alike <- which(levels[seq_len(k - 1), f] == levels[k, f])
        n <- tabulate(c(given[alike], arm), arms) / ratio
        spread <- if (measure == "range") diff(range(n)) else mean((n - mean(n))^2)
        total <- total + weights[f] * spread
      }
      total
    })
    best <- which(score < min(score) + 1e-7)
    chance <- numeric(arms)
    for (i in best) {
      prefer <- ratio[i] / sum(ratio[best])
      chance[i] <- chance[i] + prefer * p
      others <- setdiff(seq_len(arms), i)
      chance[others] <- chance[others] + prefer * (1 - p) * ratio[others] / sum(ratio[others])
    }
    given[k] <- which(u[k] < cumsum(chance) / sum(chance))[1]
  }
  given - 1
}
set.seed(19750331)
replicates <- 4; people <- 80
levels <- lapply(seq_len(replicates), function(r) cbind(
  sample(0:1, people, TRUE), sample(0:2, people, TRUE), sample(0:3, people, TRUE), 0))
u <- matrix(runif(replicates * people), replicates)
cases <- list(
  list(ratio = c(1, 1), measure = "range", p = 1, weights = c(1, 1, 1, 1)),
  list(ratio = c(1, 1), measure = "variance", p = 1, weights = c(1, 1, 1, 1)),
  list(ratio = c(2, 1), measure = "range", p = 1, weights = c(1, 1, 1, 1)),
  list(ratio = c(1, 1, 1), measure = "range", p = 1, weights = c(2, 1, 0.5, 1)),
  list(ratio = c(3, 2, 1), measure = "variance", p = 1, weights = c(1, 1.5, 1, 3)),
  list(ratio = c(2, 1, 1), measure = "range", p = 0.8, weights = c(1, 1, 1, 1)))
out$minimisation <- list(
  levels = lapply(levels, function(m) m), u = u,
  cases = lapply(cases, function(case) c(case, list(arm = t(sapply(seq_len(replicates), function(r)
    minimise(levels[[r]], u[r, ], case$ratio, case$measure, case$p, case$weights)))))))

# The chance that each arm is the best, by adaptive integration.
best <- function(density, distribution, arms, lower, upper, ends) {
  ends <- sort(unique(pmin(pmax(c(lower, ends, upper), lower), upper)))
  sapply(seq_len(arms), function(k) sum(sapply(seq_len(length(ends) - 1), function(j)
    integrate(function(x) {
      value <- density(x, k)
      for (i in setdiff(seq_len(arms), k)) value <- value * distribution(x, i)
      value
    }, ends[j], ends[j + 1], rel.tol = 1e-10, abs.tol = 1e-14, subdivisions = 1000L)$value)))
}
normal <- function(mean, se) list(mean = mean, se = se, best = best(
  function(x, k) dnorm(x, mean[k], se[k]), function(x, k) pnorm(x, mean[k], se[k]), length(mean),
  min(mean - 12 * se), max(mean + 12 * se), c(outer(se, -5:5) + mean)))
out$normals <- list(
  normal(c(0, 0.5, 1), c(1, 1, 1)), normal(c(0, 0.2, -0.1), c(1, 0.01, 0.3)),
  normal(c(3, 3, 8), c(0.5, 2, 1)), normal(c(10, 10.001, 9.999), c(0.001, 0.002, 5)))
risk <- function(x, n, a = 1, b = 1) {
  one <- a + x; two <- b + n - x
  m <- one / (one + two); s <- sqrt(m * (1 - m) / (one + two + 1))
  list(successes = x, n = n, prior = c(a, b), best = best(
    function(q, k) dbeta(q, one[k], two[k]), function(q, k) pbeta(q, one[k], two[k]), length(x),
    0, 1, c(outer(s, -5:5) + m)))
}
out$betas <- list(
  risk(c(0, 0, 0), c(0, 0, 0)), risk(c(5, 9, 7), c(20, 20, 20)), risk(c(0, 1, 0), c(50, 40, 3)),
  risk(c(300, 30, 4), c(1000, 90, 10)), risk(c(1, 2, 3), c(4, 4, 4), 2.5, 1.5))
write_json(out, "minimisation.json", auto_unbox = TRUE, digits = NA)
