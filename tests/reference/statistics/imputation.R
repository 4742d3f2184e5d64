# Writes imputation.json: Rscript imputation.R (in this folder, after make_data.py).
# Debian packages: r-base-core r-cran-mice r-cran-jsonlite.
suppressMessages({library(mice); library(jsonlite)})
out <- list(versions = list(R = R.version.string, mice = as.character(packageVersion("mice"))))

# Rubin's rules on stored estimates.
set.seed(1)
out$pool <- lapply(list(c(5, 20), c(20, 57), c(3, 1e3), c(10, Inf)), function(s) {
  q <- rnorm(s[1], 2, 0.5)
  u <- rchisq(s[1], 30) / 100
  p <- pool.scalar(q, u, n = s[2] + 1, k = 1)
  list(estimates = q, variances = u, df = if (is.finite(s[2])) s[2] else "infinite",
       estimate = p$qbar, within = p$ubar, between = p$b, se = sqrt(p$t), pooled_df = p$df)
})

# Imputed values at V3 by Bayesian linear regression within arms, by chained equations.
d <- read.csv("slopes.csv")
visits <- c("V0", "V1", "V2", "V3")
wide <- reshape(d[d$AVISIT %in% visits, c("USUBJID", "ARM", "AVISIT", "AVAL")],
                idvar = c("USUBJID", "ARM"), timevar = "AVISIT", direction = "wide")
names(wide) <- sub("AVAL.", "", names(wide), fixed = TRUE)
draws <- function(x, monotone) {
  if (monotone) {
    k <- length(visits)
    predictors <- matrix(0, k, k, dimnames = list(visits, visits))
    predictors[lower.tri(predictors)] <- 1
    imp <- mice(x[visits], m = 2000, maxit = 1, method = "norm", predictorMatrix = predictors,
                printFlag = FALSE, seed = 2)
  } else {
    imp <- mice(x[visits], m = 400, maxit = 10, method = "norm", printFlag = FALSE, seed = 2)
  }
  v <- as.matrix(imp$imp$V3)
  list(imputations = ncol(v), missing = nrow(v), mean = mean(v), mean_sd = sd(colMeans(v)),
       within_sd = mean(apply(v, 2, sd)))
}
# No gap before a later value, and all gaps.
gap <- apply(is.na(wide[visits]), 1, function(r) any(diff(r) < 0))
out$monotone <- lapply(split(wide[!gap, ], wide$ARM[!gap]), draws, monotone = TRUE)
out$chained <- lapply(split(wide, wide$ARM), draws, monotone = FALSE)
out$gaps <- sum(gap)
write_json(out, "imputation.json", auto_unbox = TRUE, digits = NA, pretty = TRUE)
