# Writes adjusted.json: Rscript adjusted.R (in this folder).
# Debian packages: r-base-core r-cran-survival r-cran-mass r-cran-jsonlite.
suppressMessages({library(survival); library(MASS); library(jsonlite)})
set.seed(17)
out <- list(R = R.version.string, survival = as.character(packageVersion("survival")),
            MASS = as.character(packageVersion("MASS")))

# People with a number, a group of three levels and strata of unequal size.
people <- function(arms, each, sites) {
  n <- sum(each)
  data.frame(arm = rep(arms, each), age = round(rnorm(n, 55, 9), 1),
             sex = sample(c("F", "M"), n, TRUE),
             smoking = sample(c("current", "former", "never"), n, TRUE, c(0.15, 0.5, 0.35)),
             site = sample(sites, n, TRUE, seq_along(sites)))
}
hazard <- function(d, log) exp(log[d$arm] + 0.03 * (d$age - 55) + 0.4 * (d$sex == "M") +
                               0.5 * (d$smoking == "current") + 0.1 * match(d$site, sort(unique(d$site))))
wald <- function(s, k) list(estimate = exp(s[k, 1]), se = s[k, 2],
  p = 2 * pnorm(-abs(s[k, 1] / s[k, 2])), lower = exp(s[k, 1] - qnorm(0.975) * s[k, 2]),
  upper = exp(s[k, 1] + qnorm(0.975) * s[k, 2]))

times <- function(d, log, censor, grid) {
  event <- rexp(nrow(d), hazard(d, log) / 400)
  last <- runif(nrow(d), censor[1], censor[2])
  d$day <- grid * ceiling(pmin(event, last) / grid)
  d$event <- as.numeric(event <= last)
  d
}
models <- c(covariates = "age + sex + smoking", strata = "strata(site)", two = "strata(site, sex)",
            both = "age + smoking + strata(site)", nested = "sex + site")
survive <- function(d) {
  arms <- sort(unique(d$arm))
  control <- coxph.control(eps = 1e-13, toler.chol = 1e-14, iter.max = 60)
  fit <- function(model) {
    f <- suppressWarnings(coxph(as.formula(paste("Surv(day, event) ~ factor(arm) +", model)),
                                data = d, control = control))
    s <- summary(f)$coefficients
    lapply(seq_along(arms[-1]), function(k) wald(s[, c(1, 3), drop = FALSE], k))
  }
  test <- function(model) lapply(arms[-1], function(k) {
    s <- survdiff(as.formula(paste("Surv(day, event) ~ arm +", model)),
                  data = d[d$arm %in% c(arms[1], k), ])
    o <- rbind(s$obs); e <- rbind(s$exp)
    total <- function(x) if (is.matrix(s$obs)) rowSums(x)[2] else x[2]
    list(estimate = unname(total(s$obs) - total(s$exp)), se = sqrt(s$var[2, 2]),
         p = pchisq(s$chisq, 1, lower.tail = FALSE))
  })
  c(as.list(d), list(arms = arms, cox = lapply(as.list(models), fit),
    log_rank = lapply(as.list(models[c("strata", "two")]), test)))
}
out$times <- list(
  tied = survive(times(people(c("a", "b", "c"), c(60, 55, 50), c("s1", "s2", "s3")),
                       c(a = 0, b = -0.5, c = 0.3), c(150, 700), 30)),
  plain = survive(times(people(c("a", "b"), c(45, 40), c("s1", "s2", "s3", "s4")),
                        c(a = 0, b = -0.6), c(100, 500), 0.001)),
  # Nobody of the fourth site has the event.
  sparse = survive({
    d <- times(people(c("a", "b"), c(30, 32), c("s1", "s2", "s3", "s4")), c(a = 0, b = -0.7),
               c(100, 500), 7)
    d$event[d$site == "s4"] <- 0
    d
  }))

counts <- function(d, log, theta) {
  d$years <- round(runif(nrow(d), 0.2, 2), 3)
  d$count <- rnegbin(nrow(d), hazard(d, log) * d$years, theta)
  d
}
rates <- function(d) {
  arms <- sort(unique(d$arm))
  control <- glm.control(epsilon = 1e-14, maxit = 500)
  fit <- function(model) {
    f <- suppressWarnings(glm.nb(as.formula(paste("count ~ factor(arm) +", model,
      "+ offset(log(years))")), data = d, control = control))
    s <- summary(f)$coefficients
    list(theta = f$theta, ratio = lapply(seq_along(arms[-1]), function(k) wald(s, k + 1)))
  }
  c(as.list(d), list(arms = arms, fits = lapply(as.list(c(covariates = "age + sex + smoking",
    site = "site")), fit)))
}
out$counts <- list(
  spread = rates(counts(people(c("a", "b", "c"), c(60, 50, 55), c("s1", "s2", "s3")),
                        c(a = 0.4, b = 0, c = 0.2), 0.7)),
  mild = rates(counts(people(c("a", "b"), c(80, 90), c("s1", "s2", "s3", "s4")),
                      c(a = 0.5, b = 0.1), 3)),
  sparse = rates({
    d <- counts(people(c("a", "b"), c(50, 55), c("s1", "s2", "s3", "s4")), c(a = 0.6, b = 0), 1.2)
    d$count[d$site == "s2"] <- 0
    d
  }))

answers <- function(d, log) {
  odds <- log(hazard(d, log))
  d$base <- round(rnorm(nrow(d), 50, 8), 1)
  d$met <- as.numeric(runif(nrow(d)) < plogis(odds + 0.05 * (d$base - 50)))
  d
}
shares <- function(d) {
  arms <- sort(unique(d$arm))
  fit <- function(model) {
    f <- suppressWarnings(glm(as.formula(paste("met ~ factor(arm) +", model)), binomial, d,
                              control = glm.control(1e-13, 60)))
    s <- summary(f)$coefficients
    lapply(seq_along(arms[-1]), function(k) wald(s, k + 1))
  }
  mantel <- function(stratum) lapply(arms[-1], function(k) {
    e <- d[d$arm %in% c(arms[1], k), ]
    part <- stratum(e)
    # R asks for two people in a stratum; one alone compares nothing.
    e <- e[part %in% names(which(table(part) > 1)), ]
    t <- table(factor(e$arm, c(k, arms[1])), factor(e$met, c(1, 0)), factor(stratum(e)))
    m <- mantelhaen.test(t, correct = FALSE)
    list(estimate = unname(m$estimate), p = m$p.value, lower = m$conf.int[1], upper = m$conf.int[2])
  })
  c(as.list(d), list(arms = arms,
    logistic = lapply(as.list(c(covariates = "age + sex + smoking", site = "site",
                                base = "base + sex")), fit),
    mantel = list(site = mantel(function(e) e$site),
                  two = mantel(function(e) paste(e$site, e$sex)))))
}
out$answers <- list(
  three = shares(answers(people(c("a", "b", "c"), c(60, 50, 55), c("s1", "s2", "s3")),
                         c(a = -0.5, b = 0.4, c = 0))),
  # Everybody of the third site responds.
  sparse = shares({
    d <- answers(people(c("a", "b"), c(40, 36), c("s1", "s2", "s3")), c(a = -1, b = 0))
    d$met[d$site == "s3"] <- 1
    d
  }))

# Survival where an arm has no event by a day: R gives no interval.
quiet <- data.frame(arm = rep(c("a", "b"), c(8, 9)),
                    day = c(50, 120, 200, 260, 300, 300, 310, 320, 90, 150, 210, 250, 300, 310, 320, 330, 340),
                    event = c(0, 1, 0, 1, 0, 0, 0, 0, 0, 0, 0, 1, 0, 1, 0, 0, 0))
s <- summary(survfit(Surv(day, event) ~ arm, quiet, conf.type = "log-log"), times = c(100, 270),
             extend = TRUE)
out$quiet <- c(as.list(quiet), list(strata = as.character(s$strata), time = s$time, surv = s$surv,
               se = s$std.err, lower = s$lower, upper = s$upper))
write_json(out, "adjusted.json", auto_unbox = TRUE, digits = NA, na = "null")
