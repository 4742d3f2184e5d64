# Writes responder.json: Rscript responder.R (in this folder).
# Debian packages: r-base-core r-cran-jsonlite.
suppressMessages(library(jsonlite))
set.seed(12)
out <- list(R = R.version.string)

# Newcombe's method 10 from the score intervals of prop.test.
newcombe <- function(x, n, y, m, level = 0.95) {
  p <- x / n; q <- y / m
  i <- suppressWarnings(prop.test(x, n, correct = FALSE, conf.level = level)$conf.int)
  j <- suppressWarnings(prop.test(y, m, correct = FALSE, conf.level = level)$conf.int)
  c(p - q - sqrt((p - i[1])^2 + (j[2] - q)^2), p - q + sqrt((i[2] - p)^2 + (q - j[1])^2))
}
# The first is Newcombe's own example.
tables <- rbind(c(56, 70, 48, 80), c(9, 10, 3, 10), c(5, 56, 0, 29), c(0, 10, 0, 20),
                c(10, 10, 0, 20), c(10, 10, 0, 10), c(3, 8, 4, 9), c(40, 120, 58, 131),
                c(7, 34, 1, 34), c(2, 2, 0, 2), c(100, 300, 150, 310))
out$tables <- lapply(seq_len(nrow(tables)), function(i) {
  t <- tables[i, ]
  list(x = t[1], n = t[2], y = t[3], m = t[4],
       p = fisher.test(matrix(c(t[1], t[2] - t[1], t[3], t[4] - t[3]), 2))$p.value,
       interval = newcombe(t[1], t[2], t[3], t[4]),
       interval90 = newcombe(t[1], t[2], t[3], t[4], 0.9))
})
single <- expand.grid(x = c(0, 1, 4, 9, 10, 20), n = 20, null = c(0.05, 0.2, 0.5, 0.77))
single <- rbind(single, data.frame(x = c(3, 60, 0, 5), n = c(7, 200, 5, 5), null = c(0.4, 0.25, 0, 1)))
out$single <- lapply(seq_len(nrow(single)), function(i) {
  b <- binom.test(single$x[i], single$n[i], single$null[i])
  list(x = single$x[i], n = single$n[i], null = single$null[i], p = as.numeric(b$p.value),
       interval = as.numeric(b$conf.int))
})

# People: baseline and value at a visit, responders by a rise of at least 5 or a fall of 8 percent.
trial <- function(arms, each, effect, lost) {
  arm <- rep(arms, each)
  base <- round(rnorm(length(arm), 50, 9), 1)
  value <- round(10 + 0.8 * base + rep(effect, each) + rnorm(length(arm), 0, 6), 1)
  value[runif(length(arm)) < lost] <- NA
  data.frame(arm = arm, base = base, value = value)
}
odds <- function(d, baseline) {
  f <- if (baseline) glm(met ~ factor(arm) + base, binomial, d, control = glm.control(1e-13, 60))
       else glm(met ~ factor(arm), binomial, d, control = glm.control(1e-13, 60))
  s <- summary(f)$coefficients
  lapply(seq_len(length(unique(d$arm)) - 1) + 1, function(k) list(
    estimate = exp(s[k, 1]), se = s[k, 2], p = s[k, 4],
    lower = exp(s[k, 1] - qnorm(0.975) * s[k, 2]), upper = exp(s[k, 1] + qnorm(0.975) * s[k, 2])))
}
# Reading a change of 5.0 off decimals needs a slack for rounding.
analyses <- function(d) {
  change <- d$value - d$base
  rise <- ifelse(is.na(change), NA, change >= 5 - 1e-9)
  fall <- ifelse(is.na(change), NA, change <= -0.08 * d$base + 1e-9)
  zero <- function(x) ifelse(is.na(x), FALSE, x)
  exact <- function(met) {
    n <- tapply(met, d$arm, function(x) sum(!is.na(x))); x <- tapply(met, d$arm, sum, na.rm = TRUE)
    lapply(names(n)[-1], function(k) {
      i <- newcombe(x[[k]], n[[k]], x[[1]], n[[1]])
      list(estimate = x[[k]] / n[[k]] - x[[1]] / n[[1]], lower = i[1], upper = i[2],
           p = fisher.test(matrix(c(x[[k]], n[[k]] - x[[k]], x[[1]], n[[1]] - x[[1]]), 2))$p.value)
    })
  }
  out <- function(met) {
    left <- transform(d, met = met); failed <- transform(d, met = zero(met))
    list(exact = list(failure = exact(zero(met)), left = exact(met)),
         plain = list(failure = odds(failed, FALSE), left = odds(left, FALSE)),
         adjusted = list(failure = odds(failed, TRUE), left = odds(left, TRUE)))
  }
  c(as.list(d), list(arms = sort(unique(d$arm)), rise = out(rise), fall = out(fall)))
}
out$trials <- list(
  three = analyses(trial(c("a", "b", "c"), c(60, 50, 55), c(0, 3, 6), 0.12)),
  small = analyses(trial(c("a", "b"), c(14, 12), c(0, 3), 0.1)),
  full = analyses(trial(c("a", "b"), c(100, 110), c(0, 1), 0)))
write_json(out, "responder.json", auto_unbox = TRUE, digits = NA, na = "null")
