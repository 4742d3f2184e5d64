# Writes escalation.json: Rscript escalation.R (in this folder).
# Debian packages: r-base-core r-cran-jsonlite.
suppressMessages(library(jsonlite))
out <- list(versions = list(R = R.version.string))

# The 3+3 rule by exact enumeration: every course, by the counts of its cohorts.
exact <- function(rate, start) {
  doses <- length(rate)
  chosen <- setNames(numeric(doses + 1), c("none", seq_len(doses) - 1))
  people <- 0
  finish <- function(dose, chance, n) {
    chosen[[dose + 1]] <<- chosen[[dose + 1]] + chance
    people <<- people + chance * sum(n)
  }
  go <- function(dose, n, x, chance) {
    for (k in 0:3) {
      n2 <- n; x2 <- x
      n2[dose] <- n[dose] + 3; x2[dose] <- x[dose] + k
      now <- chance * dbinom(k, 3, rate[dose])
      toxic <- which(x2 >= 2)
      if (dose %in% toxic) {
        if (dose == 1) finish(0, now, n2)
        else if (n2[dose - 1] == 6) finish(dose - 1, now, n2)
        else go(dose - 1, n2, x2, now)
        next
      }
      may_rise <- dose < doses && !((dose + 1) %in% toxic)
      if (n2[dose] == 3 && (x2[dose] == 1 || !may_rise)) go(dose, n2, x2, now)
      else if (may_rise) go(dose + 1, n2, x2, now)
      else finish(dose, now, n2)
    }
  }
  go(start + 1, numeric(doses), numeric(doses), 1)
  list(rate = rate, start = start, selected = unname(chosen), people = people)
}
out$three_plus_three <- list(
  exact(c(0.05, 0.10, 0.20, 0.35), 0), exact(c(0.05, 0.10, 0.20, 0.35), 2),
  exact(c(0.30, 0.40, 0.60, 0.80), 0), exact(c(0.01, 0.02, 0.03, 0.05), 1),
  exact(c(0.20, 0.45), 0), exact(0.25, 0))

# Chances of intervals of risk by nested adaptive integration.
density <- function(a, b, p) {
  za <- (a - p$mean[1]) / p$sd[1]; zb <- (b - p$mean[2]) / p$sd[2]
  logit <- outer(a, exp(b) * p$x, "+")
  loglik <- plogis(logit, log.p = TRUE) %*% p$harmed +
    plogis(-logit, log.p = TRUE) %*% (p$given - p$harmed)
  exp(as.numeric(loglik) - p$offset -
      (za^2 - 2 * p$rho * za * zb + zb^2) / (2 * (1 - p$rho^2)))
}
pieces <- function(f, lower, upper, parts) {
  ends <- seq(lower, upper, length.out = parts + 1)
  sum(sapply(seq_len(parts), function(k)
    integrate(f, ends[k], ends[k + 1], rel.tol = 1e-9, abs.tol = 1e-13, subdivisions = 500L)$value))
}
mass <- function(p, low, high) {
  reach <- 7
  outer_f <- function(bs) sapply(bs, function(b) {
    from <- max(p$mean[1] - reach * p$sd[1], low(b))
    to <- min(p$mean[1] + reach * p$sd[1], high(b))
    if (from >= to) return(0)
    pieces(function(a) density(a, b, p), from, to, ceiling((to - from) / 1.5))
  })
  pieces(outer_f, p$mean[2] - reach * p$sd[2], p$mean[2] + reach * p$sd[2], 10)
}
posterior <- function(given, harmed, doses, reference, mean, sd, rho, target) {
  p <- list(given = given, harmed = harmed, x = log(doses / reference), mean = mean, sd = sd,
            rho = rho, offset = 0)
  grid <- expand.grid(a = mean[1] + sd[1] * seq(-4, 4, 0.2), b = mean[2] + sd[2] * seq(-4, 4, 0.2))
  p$offset <- max(sapply(seq_len(nrow(grid)), function(k) log(density(grid$a[k], grid$b[k], p))))
  total <- mass(p, function(b) -Inf, function(b) Inf)
  edge <- qlogis(target)
  rows <- sapply(p$x, function(x) c(
    mass(p, function(b) -Inf, function(b) edge[1] - exp(b) * x),
    mass(p, function(b) edge[1] - exp(b) * x, function(b) edge[2] - exp(b) * x),
    mass(p, function(b) edge[2] - exp(b) * x, function(b) Inf)) / total)
  list(given = given, harmed = harmed, doses = doses, reference = reference, mean = mean, sd = sd,
       correlation = rho, target = target, below = rows[1, ], inside = rows[2, ], above = rows[3, ])
}
five <- c(1, 2.5, 5, 10, 20)
vague <- c(log(0.5), 0); wide <- c(2, 1)
two <- c(0.16, 0.33)
out$posterior <- list(
  posterior(c(0, 0, 0, 0, 0), c(0, 0, 0, 0, 0), five, 20, vague, wide, 0, two),
  posterior(c(3, 0, 0, 0, 0), c(0, 0, 0, 0, 0), five, 20, vague, wide, 0, two),
  posterior(c(3, 0, 0, 0, 0), c(3, 0, 0, 0, 0), five, 20, vague, wide, 0, two),
  posterior(c(3, 3, 6, 0, 0), c(0, 1, 2, 0, 0), five, 20, vague, wide, 0, two),
  posterior(c(3, 3, 3, 3, 18), c(0, 0, 0, 1, 4), five, 20, vague, wide, 0, two),
  posterior(c(3, 60, 0, 0, 0), c(0, 15, 0, 0, 0), five, 20, vague, wide, 0, two),
  posterior(c(3, 6, 3, 0, 0), c(0, 1, 2, 0, 0), five, 5, c(-1.5, 0.3), c(1.2, 0.7), -0.5,
            c(0.2, 0.35)),
  posterior(c(9, 30, 6), c(0, 4, 4), c(10, 30, 300), 30, c(-2, 0.5), c(3, 0.4), 0.8, c(0.1, 0.25)))

# Whole courses of the logistic rule, on a fine grid; each person is harmed from one dose upwards.
set.seed(20240611)
replicates <- 24; people <- 24
rate <- c(0.03, 0.10, 0.22, 0.38, 0.55)
tolerance <- matrix(findInterval(runif(replicates * people), rate), replicates)
a <- seq(vague[1] - 14, vague[1] + 14, length.out = 1401)
b <- seq(-7, 7, length.out = 701)
x <- log(five / 20)
prior <- outer(dnorm(a, vague[1], 2, log = TRUE), dnorm(b, 0, 1, log = TRUE), "+")
logits <- lapply(x, function(v) outer(a, exp(b) * v, "+"))
harm <- lapply(logits, plogis, log.p = TRUE); safe <- lapply(logits, function(l) plogis(-l, log.p = TRUE))
risk <- lapply(logits, plogis)
known <- new.env()
told <- function(n, y) {
  key <- paste(c(n, y), collapse = ",")
  if (is.null(known[[key]])) {
    w <- prior
    for (d in which(n > 0)) w <- w + y[d] * harm[[d]] + (n[d] - y[d]) * safe[[d]]
    w <- exp(w - max(w)); w <- w / sum(w)
    known[[key]] <- sapply(risk, function(r) c(sum(w[r > 0.16 & r <= 0.33]), sum(w[r > 0.33])))
  }
  known[[key]]
}
course <- function(limit, enough = 9) {
  n <- y <- numeric(5); dose <- 2; path <- integer(0); entered <- 0
  highest <- dose
  repeat {
    highest <- max(highest, dose)
    for (k in 1:3) {
      entered <- entered + 1
      path <- c(path, dose - 1)
      n[dose] <- n[dose] + 1
      y[dose] <- y[dose] + (limit[entered] < dose)
    }
    chance <- told(n, y)
    fine <- chance[2, ] < 0.25
    if (entered < people) {
      if (!any(fine)) return(list(path = path, selected = -1, stopped = 1))
      can <- which(fine & seq_along(n) <= highest + 1)
      dose <- can[which.max(chance[1, can])]
      if (n[dose] >= enough) return(list(path = path, selected = dose - 1, stopped = 0))
    } else {
      can <- which(fine & n > 0)
      if (!any(fine)) return(list(path = path, selected = -1, stopped = 1))
      if (!length(can)) return(list(path = path, selected = -1, stopped = 2))
      dose <- can[which.max(chance[1, can])]
      return(list(path = path, selected = dose - 1, stopped = if (n[dose] >= enough) 0 else 2))
    }
  }
}
out$courses <- list(doses = five, start = 1, enough = 9, tolerance = tolerance,
  courses = lapply(seq_len(replicates), function(r) course(tolerance[r, ])))
write_json(out, "escalation.json", auto_unbox = TRUE, digits = NA)
