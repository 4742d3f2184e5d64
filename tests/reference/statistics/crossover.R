# Writes crossover.json: Rscript crossover.R (in this folder).
# Debian packages: r-base-core r-cran-nlme r-cran-jsonlite.
suppressMessages({library(nlme); library(jsonlite)})
set.seed(5)
out <- list(R = R.version.string, nlme = as.character(packageVersion("nlme")))

# Two sequences, PT and TP, unlike in size; treatment 2, period 1.
n <- c(PT = 9, TP = 12)
sequence <- rep(names(n), n)
person <- rnorm(sum(n), 50, 6)
first <- round(person + 2 * (sequence == "TP") + rnorm(sum(n), 0, 1.5), 3)
second <- round(person + 1 + 2 * (sequence == "PT") + rnorm(sum(n), 0, 1.5), 3)
d <- first - second
tt <- t.test(d[sequence == "TP"] / 2, d[sequence == "PT"] / 2, var.equal = TRUE)
long <- data.frame(y = c(first, second), id = factor(rep(seq_along(d), 2)),
                   period = factor(rep(1:2, each = sum(n))),
                   treated = as.numeric(c(sequence == "TP", sequence == "PT")))
mixed <- summary(lme(y ~ period + treated, random = ~ 1 | id, data = long))$tTable["treated", ]
out$periods <- list(sequence = sequence, first = first, second = second,
  estimate = unname(tt$estimate[1] - tt$estimate[2]), se = tt$stderr, df = unname(tt$parameter),
  p = tt$p.value, lower = tt$conf.int[1], upper = tt$conf.int[2],
  mixed = list(estimate = mixed[["Value"]], se = mixed[["Std.Error"]], p = mixed[["p-value"]]))

# Four cycles in ten people, whose effects differ.
people <- 10; cycles <- 4
effect <- rnorm(people, 3, 1.5)
off <- matrix(round(rnorm(people * cycles, 40, 4), 3), people)
on <- round(off + effect + rnorm(people * cycles, 0, 1), 3)
each <- rowMeans(on - off)
one <- t.test(each)
differences <- data.frame(d = as.vector(on - off), id = factor(rep(1:people, cycles)))
mixed <- summary(lme(d ~ 1, random = ~ 1 | id, data = differences))$tTable[1, ]
out$cycles <- list(on = on, off = off, estimate = unname(one$estimate), se = one$stderr,
  df = unname(one$parameter), p = one$p.value, lower = one$conf.int[1], upper = one$conf.int[2],
  mixed = list(estimate = mixed[["Value"]], se = mixed[["Std.Error"]]))
write_json(out, "crossover.json", auto_unbox = TRUE, digits = NA, pretty = TRUE)
