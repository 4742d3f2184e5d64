# Writes covariates.json: Rscript covariates.R (in this folder, after make_data.py).
# Debian packages: r-base-core r-cran-nlme r-cran-lme4 r-cran-lmertest r-cran-pbkrtest
# r-cran-clubsandwich r-cran-jsonlite.
# Covariates of every kind in models of change and of slope, and standard errors CR2.
suppressMessages({
  library(nlme); library(lme4); library(lmerTest); library(pbkrtest); library(clubSandwich)
  library(jsonlite)
})
packages <- c("nlme", "lme4", "lmerTest", "pbkrtest", "clubSandwich", "jsonlite")
out <- list(versions = c(list(R = R.version.string),
            setNames(lapply(packages, function(p) as.character(packageVersion(p))), packages)))
d <- read.csv("slopes_small.csv", stringsAsFactors = FALSE)
d$arm <- factor(d$ARM, levels = c("placebo", "low"))
all <- d[!is.na(d$AVAL), ]
d <- all[all$AVISIT %in% c("V1", "V2", "V3"), ]
d$y <- d$AVAL - d$BASE
d <- d[order(d$USUBJID, d$AVISIT), ]
levels <- sort(unique(d$REGION))
d$r2 <- as.numeric(d$REGION == levels[2]); d$r3 <- as.numeric(d$REGION == levels[3])
d$visit <- factor(d$AVISIT); d$index <- as.integer(d$visit)

# One visit.
v3 <- d[d$AVISIT == "V3", ]
fit <- lm(y ~ arm + BASE + AGE + REGION, v3)
s <- summary(fit)$coefficients["armlow", ]
out$ancova <- list(estimate = s[[1]], se = s[[2]], df = fit$df.residual, p = s[[4]])

# Repeated measures with one effect of a covariate over all visits.
control <- glsControl(tolerance = 1e-10, msTol = 1e-12, maxIter = 500, msMaxIter = 500,
                      opt = "nlminb")
plain <- y ~ 0 + visit:arm + visit:BASE
more <- y ~ 0 + visit:arm + visit:BASE + AGE + r2 + r3
told <- function(fit, visit) {
  b <- coef(fit); l <- as.numeric(names(b) == paste0("visit", visit, ":armlow")) -
    as.numeric(names(b) == paste0("visit", visit, ":armplacebo"))
  stopifnot(sum(abs(l)) == 2)
  l
}
un <- gls(more, d, correlation = corSymm(form = ~ index | USUBJID),
          weights = varIdent(form = ~ 1 | visit), method = "REML", control = control)
out$common <- lapply(levels(d$visit), function(v) {
  l <- told(un, v)
  list(visit = v, estimate = sum(l * coef(un)), se = sqrt(sum(l * (vcov(un) %*% l))))
})
robust <- function(formula) {
  fit <- gls(formula, d, correlation = corAR1(form = ~ index | USUBJID), method = "REML",
             control = control)
  V <- vcovCR(fit, cluster = d$USUBJID, type = "CR2")
  lapply(levels(d$visit), function(v) {
    l <- told(fit, v)
    w <- linear_contrast(fit, V, matrix(l, 1), level = 0.95, p_values = TRUE)
    list(visit = v, estimate = w$Est, se = w$SE, df = w$df, p = w$p_val)
  })
}
out$ar1 <- robust(plain)
out$ar1_covariates <- robust(more)

# Slopes.
all$years <- all$ADY / 365.25
fit <- lmerTest::lmer(AVAL ~ 0 + arm + arm:years + AGE + REGION + (1 + years | USUBJID), all,
  REML = TRUE, control = lmerControl(optimizer = "bobyqa",
    optCtrl = list(rhobeg = 0.02, rhoend = 1e-11, maxfun = 1e6), calc.derivs = FALSE))
stopifnot(!isSingular(fit))
b <- names(fixef(fit)); l <- as.numeric(b == "armlow:years") - as.numeric(b == "armplacebo:years")
s <- lmerTest::contest(fit, l, joint = FALSE, ddf = "Satterthwaite")
mer <- as(fit, "lmerMod"); phi <- vcovAdj(mer)
out$slope <- list(estimate = s$Estimate, se = s[["Std. Error"]], df = s$df,
                  kenward = list(se = sqrt(as.numeric(l %*% phi %*% l)), df = get_Lb_ddf(mer, l)))
write_json(out, "covariates.json", auto_unbox = TRUE, digits = NA, pretty = TRUE)
