# Writes rpact.json: Rscript rpact.R (in this folder). Packages: rpact, jsonlite.
suppressWarnings(suppressMessages({ library(rpact); library(jsonlite) }))
out <- list(versions = list(R = R.version.string, rpact = as.character(packageVersion("rpact"))))

fractions <- list(1, c(0.5, 1), c(0.35, 1), c(1, 2, 3) / 3, c(0.3, 0.7, 1), (1:4) / 4,
                  c(0.2, 0.5, 0.6, 1), (1:5) / 5, c(0.15, 0.3, 0.62, 0.9, 1))
kinds <- list(
  list("obrien-fleming", "OF"), list("pocock", "P"), list("wang-tsiatis", "WT", deltaWT = 0.25),
  list("lan-demets-obrien-fleming", "asOF"), list("lan-demets-pocock", "asP"),
  list("hwang-shih-decani", "asHSD", gammaA = -4), list("hwang-shih-decani", "asHSD", gammaA = 1.5),
  list("kim-demets", "asKD", gammaA = 2), list("kim-demets", "asKD", gammaA = 0.7))
levels <- list(c(0.025, 1), c(0.1, 1), c(0.05, 2), c(0.01, 2))

design <- function(...) suppressWarnings(getDesignGroupSequential(...))
vec <- function(x) I(as.numeric(x))

characteristics <- function(d, looks) {
  ch <- suppressWarnings(getDesignCharacteristics(d))
  futility <- as.numeric(ch$futilityProbabilities)
  list(inflation = ch$inflationFactor, shift = ch$shift, power = vec(ch$power),
       efficacy = vec(ch$rejectionProbabilities),
       futility = vec(c(futility, rep(0, looks - length(futility)))),
       asn_effect = ch$averageSampleNumber1, asn_between = ch$averageSampleNumber01,
       asn_null = ch$averageSampleNumber0)
}

power <- function(d, theta) {
  x <- getPowerAndAverageSampleNumber(d, theta = theta, nMax = 1)
  list(drift = vec(theta), asn = vec(x$averageSampleNumber), reject = vec(x$overallReject),
       futility = vec(x$overallFutility))
}

# Efficacy alone.
for (kind in kinds) for (t in fractions) for (level in levels) {
  own <- kind[-(1:2)]
  d <- do.call(design, c(list(kMax = length(t), informationRates = t, alpha = level[1],
                              sided = level[2], beta = 0.1, typeOfDesign = kind[[2]]), own))
  case <- list(kind = kind[[1]], fractions = vec(t), alpha = level[1], sides = level[2],
               z = vec(d$criticalValues), spent = vec(d$alphaSpent), level = vec(d$stageLevels))
  if (length(own)) case$parameter <- own[[1]]
  if (length(t) > 1) case <- c(case, list(design = characteristics(d, length(t)),
                                          asn = power(d, c(0, 1, 2.5, 4))))
  out$efficacy[[length(out$efficacy) + 1]] <- case
}

# Futility: fixed bounds.
fixed <- list(list(c(0.35, 1), 0.2), list(c(0.5, 1), -0.5), list(c(0.3, 0.7, 1), c(0, 0.5)),
              list((1:5) / 5, c(-1, -0.2, 0.3, 0.8)))
for (kind in kinds) for (f in fixed) for (binding in c(FALSE, TRUE)) {
  own <- kind[-(1:2)]
  t <- f[[1]]
  d <- do.call(design, c(list(kMax = length(t), informationRates = t, alpha = 0.025, sided = 1,
                              beta = 0.1, typeOfDesign = kind[[2]], futilityBounds = f[[2]],
                              bindingFutility = binding), own))
  case <- list(kind = kind[[1]], fractions = vec(t), bounds = vec(f[[2]]), binding = binding,
               z = vec(d$criticalValues), spent = vec(d$alphaSpent),
               design = characteristics(d, length(t)), asn = power(d, c(0, 1, 2.5, 4)))
  if (length(own)) case$parameter <- own[[1]]
  out$fixed[[length(out$fixed) + 1]] <- case
}

# Futility: beta spending.
betas <- list(list("lan-demets-obrien-fleming", "bsOF"), list("lan-demets-pocock", "bsP"),
              list("hwang-shih-decani", "bsHSD", gammaB = -2), list("kim-demets", "bsKD", gammaB = 1.5))
for (kind in kinds[c(4, 5, 6, 8)]) for (b in betas) for (t in fractions[c(3, 5, 8)])
  for (binding in c(FALSE, TRUE)) for (beta in c(0.1, 0.2)) {
    own <- c(kind[-(1:2)], b[-(1:2)])
    d <- do.call(design, c(list(kMax = length(t), informationRates = t, alpha = 0.025, sided = 1,
                                beta = beta, typeOfDesign = kind[[2]], typeBetaSpending = b[[2]],
                                bindingFutility = binding), own))
    case <- list(kind = kind[[1]], family = b[[1]], fractions = vec(t), binding = binding,
                 power = 1 - beta, z = vec(d$criticalValues), futility = vec(d$futilityBounds),
                 spent = vec(d$alphaSpent), beta_spent = vec(d$betaSpent),
                 design = characteristics(d, length(t)))
    if (length(kind) > 2) case$parameter <- kind[[3]]
    if (length(b) > 2) case$family_parameter <- b[[3]]
    out$beta[[length(out$beta) + 1]] <- case
  }

# Sizes with one look and with several.
size_design <- function(level, beta, several) if (several) design(
  kMax = 3, informationRates = c(0.3, 0.7, 1), alpha = level[1], sided = level[2], beta = beta,
  typeOfDesign = "asOF", twoSidedPower = FALSE) else design(
  kMax = 1, alpha = level[1], sided = level[2], beta = beta, twoSidedPower = FALSE)
expected <- function(s, events = FALSE) {
  word <- if (events) "expectedEvents" else "expectedNumberOfSubjects"
  list(null = s[[paste0(word, "H0")]], between = s[[paste0(word, "H01")]],
       effect = s[[paste0(word, "H1")]])
}
for (level in list(c(0.025, 1), c(0.05, 2))) for (beta in c(0.1, 0.2)) for (ratio in c(1, 2, 0.5)) {
  one <- size_design(level, beta, FALSE)
  many <- size_design(level, beta, TRUE)
  common <- list(alpha = level[1], sides = level[2], power = 1 - beta, ratio = ratio)
  for (m in list(c(5, 12), c(1, 1), c(2, 1.1), c(3, 40))) for (normal in c(FALSE, TRUE)) {
    a <- list(alternative = m[1], stDev = m[2], allocationRatioPlanned = ratio,
              normalApproximation = normal)
    s <- do.call(getSampleSizeMeans, c(list(one), a))
    g <- do.call(getSampleSizeMeans, c(list(many), a))
    out$means[[length(out$means) + 1]] <- c(common, list(
      difference = m[1], sd = m[2], method = if (normal) "normal" else "t", treated = s$nFixed1,
      control = s$nFixed2, maximum = g$maxNumberOfSubjects, expected = expected(g)))
  }
  for (r in list(c(0.4, 0.2), c(0.1, 0.15), c(0.9, 0.7))) {
    s <- getSampleSizeRates(one, pi1 = r[1], pi2 = r[2], allocationRatioPlanned = ratio)
    g <- getSampleSizeRates(many, pi1 = r[1], pi2 = r[2], allocationRatioPlanned = ratio)
    out$rates[[length(out$rates) + 1]] <- c(common, list(
      rates = r, treated = s$nFixed1, control = s$nFixed2, maximum = g$maxNumberOfSubjects,
      expected = expected(g)))
  }
  for (hr in c(0.5, 0.7, 1.4)) {
    s <- getSampleSizeSurvival(one, hazardRatio = hr, lambda2 = 0.05, allocationRatioPlanned = ratio)
    g <- getSampleSizeSurvival(many, hazardRatio = hr, lambda2 = 0.05, allocationRatioPlanned = ratio)
    out$survival[[length(out$survival) + 1]] <- c(common, list(
      hazard_ratio = hr, events = s$eventsFixed, maximum = g$maxNumberOfEvents,
      expected = expected(g, TRUE)))
  }
  for (normal in c(FALSE, TRUE)) {
    p <- getPowerMeans(many, alternative = c(2, 4, 6), stDev = 12, maxNumberOfSubjects = 240,
                       allocationRatioPlanned = ratio, normalApproximation = normal)
    out$power_means[[length(out$power_means) + 1]] <- c(common, list(
      method = if (normal) "normal" else "t", difference = vec(c(2, 4, 6)), sd = 12, total = 240,
      reject = vec(p$overallReject), per_look = t(p$rejectPerStage),
      expected = vec(p$expectedNumberOfSubjects)))
  }
}

# Inverse normal combination and conditional power of one data set; also after a larger stage.
for (t in list(c(0.4, 1), c(0.3, 0.7, 1))) {
  d <- getDesignInverseNormal(kMax = length(t), informationRates = t, alpha = 0.025,
                              typeOfDesign = "asOF")
  k <- length(t) - 1
  data <- getDataset(n1 = c(22, 31, 28)[1:k], n2 = c(21, 33, 27)[1:k],
                     means1 = c(1.63, 1.9, 1.7)[1:k], means2 = c(1.1, 1.2, 1.15)[1:k],
                     stDevs1 = c(1.5, 1.4, 1.3)[1:k], stDevs2 = c(1.4, 1.6, 1.5)[1:k])
  r <- suppressWarnings(getStageResults(d, data, normalApproximation = TRUE))
  out$combination[[length(out$combination) + 1]] <- list(
    fractions = vec(t), p = vec(r$pValues[1:k]), z = vec(r$combInverseNormal[1:k]))
  if (k == 1) for (planned in c(40, 64, 128, 400)) for (theta in c(0.2, 0.5, 0.9)) {
    cp <- getConditionalPower(r, nPlanned = planned, thetaH1 = theta, assumedStDev = 1.5)
    out$conditional[[length(out$conditional) + 1]] <- list(
      z = r$combInverseNormal[1], fraction = t[1], critical = d$criticalValues[2], n2 = planned,
      difference = theta, sd = 1.5, power = as.numeric(tail(as.vector(cp$conditionalPower), 1)))
  }
}
write(toJSON(out, digits = 12, auto_unbox = TRUE, na = "null"), "rpact.json")
