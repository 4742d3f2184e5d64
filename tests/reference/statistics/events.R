# Writes events.json: Rscript events.R (in this folder).
# Debian packages: r-base-core r-cran-survival r-cran-mass r-cran-jsonlite.
suppressMessages({library(survival); library(MASS); library(jsonlite)})
set.seed(11)
out <- list(R = R.version.string, survival = as.character(packageVersion("survival")),
            MASS = as.character(packageVersion("MASS")))

times <- function(arms, each, rate, censor, grid) {
  arm <- rep(arms, each)
  event <- rexp(length(arm), rep(rate, each))
  last <- runif(length(arm), censor[1], censor[2])
  day <- pmin(event, last)
  data.frame(arm = arm, day = pmax(grid, grid * ceiling(day / grid)), event = as.numeric(event <= last))
}

# Every arm against "a", the first.
fits <- function(d, horizon) {
  arms <- sort(unique(d$arm))
  f <- summary(coxph(Surv(day, event) ~ factor(arm), data = d,
                     control = coxph.control(eps = 1e-10, toler.chol = 1e-12, iter.max = 60)))
  least <- min(tapply(d$day, d$arm, max))
  means <- function(h) {
    s <- summary(survfit(Surv(day, event) ~ arm, data = d), rmean = h)$table
    list(horizon = h, mean = unname(s[, grep("rmean$", colnames(s))]),
         se = unname(s[, "se(rmean)"]))
  }
  test <- lapply(arms[-1], function(k) {
    s <- survdiff(Surv(day, event) ~ arm, data = d[d$arm %in% c(arms[1], k), ])
    list(estimate = unname(s$obs[2] - s$exp[2]), se = sqrt(s$var[2, 2]),
         p = pchisq(s$chisq, 1, lower.tail = FALSE))
  })
  list(arm = d$arm, day = d$day, event = d$event, arms = arms,
    cox = lapply(seq_along(arms[-1]), function(k) {
      b <- f$coefficients[k, 1]; s <- f$coefficients[k, 3]
      list(estimate = exp(b), se = s, p = f$coefficients[k, 5],
           lower = f$conf.int[k, 3], upper = f$conf.int[k, 4])
    }),
    log_rank = test, rmst = list(means(least), means(horizon)))
}

# Tied: visits every 60 days. Censored: about nine in ten. Small: two arms of seven.
out$times <- list(
  tied = fits(times(c("a", "b", "c"), c(50, 45, 40), c(1, 0.6, 0.8) / 300, c(200, 600), 60), 180),
  censored = fits(times(c("a", "b"), c(150, 160), c(1, 0.5) / 4000, c(300, 720), 1), 500),
  small = fits(times(c("a", "b"), c(7, 7), c(1, 0.5) / 200, c(150, 400), 1), 120),
  plain = fits(times(c("a", "b", "c"), c(40, 40, 40), c(1, 1, 2) / 400, c(200, 700), 0.001), 150))

counts <- function(arms, each, rate, theta, exposure) {
  arm <- rep(arms, each)
  years <- round(runif(length(arm), exposure[1], exposure[2]), 3)
  data.frame(arm = arm, years = years,
             count = rnegbin(length(arm), rep(rate, each) * years, theta))
}
rates <- function(d) {
  f <- glm.nb(count ~ factor(arm) + offset(log(years)), data = d,
              control = glm.control(epsilon = 1e-14, maxit = 500))
  s <- summary(f)$coefficients
  c(as.list(d), list(arms = sort(unique(d$arm)), theta = f$theta,
    ratio = lapply(seq_len(nrow(s) - 1) + 1, function(k) list(
      estimate = exp(s[k, 1]), se = s[k, 2], p = s[k, 4],
      lower = exp(s[k, 1] - qnorm(0.975) * s[k, 2]),
      upper = exp(s[k, 1] + qnorm(0.975) * s[k, 2])))))
}
# Spread: three arms, strongly overdispersed. Mild: nearly Poisson. Small: equal exposure.
out$counts <- list(
  spread = rates(counts(c("a", "b", "c"), c(60, 50, 55), c(2, 1.2, 1.6), 0.6, c(0.1, 2))),
  mild = rates(counts(c("a", "b"), c(120, 120), c(1.5, 1.1), 4, c(0.5, 1))),
  small = rates(counts(c("a", "b"), c(10, 9), c(3, 2), 1.5, c(1, 1))))
write_json(out, "events.json", auto_unbox = TRUE, digits = NA)
