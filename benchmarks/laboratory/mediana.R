# Power of a two-sample t test at ten sizes by Mediana, with its time: Rscript mediana.R REPLICATES CORES OUT
# Debian packages: r-cran-mediana r-cran-jsonlite. SD: change over a year of the synthetic library.
suppressMessages({ library(Mediana); library(jsonlite) })
given <- commandArgs(trailingOnly = TRUE)
replicates <- as.integer(given[1]); cores <- as.integer(given[2])
each <- c(20, 30, 40, 50, 60, 70, 80, 100, 120, 150)
sd <- sqrt(2.0^2 + 2 * 2.6^2)
outcome1 <- parameters(mean = 0, sd = sd)
outcome2 <- parameters(mean = 1.5, sd = sd)
data <- DataModel() + OutcomeDist(outcome.dist = "NormalDist") + SampleSize(each) +
  Sample(id = "placebo", outcome.par = parameters(outcome1)) +
  Sample(id = "active", outcome.par = parameters(outcome2))
analysis <- AnalysisModel() + Test(id = "t", samples = samples("placebo", "active"), method = "TTest")
evaluation <- EvaluationModel() + Criterion(id = "power", method = "MarginalPower", tests = tests("t"),
                                            labels = "power", par = parameters(alpha = 0.025))
time <- system.time(
  found <- CSE(data, analysis, evaluation,
               SimParameters(n.sims = replicates, proc.load = cores, seed = 42938001)))
power <- found$simulation.results$result
theory <- sapply(each, function(n) power.t.test(n, 1.5, sd, strict = TRUE)$power)
write_json(list(versions = list(R = R.version.string, Mediana = as.character(packageVersion("Mediana"))),
                each = each, replicates = replicates, cores = cores,
                seconds = unname(time["elapsed"]), power = power, theory = theory),
           given[3], auto_unbox = TRUE, digits = 10, pretty = TRUE)
