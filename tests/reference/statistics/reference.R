# Writes reference.json: Rscript reference.R (in this folder, after make_data.py).
# Debian packages: r-base-core r-cran-nlme r-cran-lme4 r-cran-lmertest r-cran-emmeans
# r-cran-survival r-cran-mass r-cran-jsonlite.
suppressMessages({
  library(nlme); library(lme4); library(lmerTest); library(emmeans)
  library(survival); library(MASS); library(jsonlite)
})
out <- list()
packages <- c("nlme", "lme4", "lmerTest", "emmeans", "survival", "MASS", "jsonlite")
out$versions <- c(list(R = R.version.string),
                  setNames(lapply(packages, function(p) as.character(packageVersion(p))), packages))

slopes <- function(file, covariates = "", method_lme = TRUE, days_per_year = 365.25) {
  d <- read.csv(file, stringsAsFactors = TRUE)
  d <- d[!is.na(d$AVAL), ]
  d$years <- d$ADY / days_per_year
  d$ARM <- relevel(factor(d$ARM), ref = "placebo")
  fixed <- as.formula(paste("AVAL ~ ARM * years", covariates))
  mixed <- as.formula(paste("AVAL ~ ARM * years", covariates, "+ (years | USUBJID)"))
  fit <- lmerTest::lmer(mixed, data = d, REML = TRUE, control = lmerControl(
    optimizer = "bobyqa", optCtrl = list(rhobeg = 0.02, rhoend = 1e-11, maxfun = 1e6),
    boundary.tol = 1e-5, calc.derivs = FALSE))
  arms <- levels(d$ARM)
  names_beta <- names(fixef(fit))
  rows <- list()
  add <- function(arm, contrast, l) {
    k <- lmerTest::contest(fit, l, joint = FALSE, ddf = "Satterthwaite")
    rows[[length(rows) + 1]] <<- list(arm = arm, contrast = contrast, estimate = k$Estimate,
      se = k[["Std. Error"]], df = k$df, lower = k$lower, upper = k$upper, p = k[["Pr(>|t|)"]])
  }
  for (arm in arms) {
    l <- as.numeric(names_beta == "years")
    if (arm != "placebo") l <- l + (names_beta == paste0("ARM", arm, ":years"))
    add(arm, "", l)
  }
  for (arm in arms[-1]) add(arm, "placebo", as.numeric(names_beta == paste0("ARM", arm, ":years")))
  result <- list(rows = rows, reml_deviance = as.numeric(REMLcrit(fit)),
                 sigma = sigma(fit), covariance = unname(as.matrix(VarCorr(fit)$USUBJID)[1:2, 1:2]),
                 singular = isSingular(fit))
  if (method_lme) {
    m <- lme(fixed, random = ~ years | USUBJID, data = d, method = "REML",
             control = lmeControl(opt = "optim", msMaxIter = 1000, msTol = 1e-12, tolerance = 1e-10,
                                  maxIter = 500, reltol = 1e-14))
    s <- summary(m)$tTable
    keep <- grepl("years", rownames(s))
    result$lme <- lapply(rownames(s)[keep], function(r)
      list(term = r, estimate = s[r, "Value"], se = s[r, "Std.Error"]))
  }
  result
}
out$slopes <- slopes("slopes.csv")
out$slopes_covariates <- slopes("slopes.csv", "+ REGION + AGE")
out$slopes_small <- slopes("slopes_small.csv")
out$slopes_boundary <- slopes("slopes_boundary.csv", method_lme = FALSE)

frame <- function(d) lapply(seq_len(nrow(d)), function(i) as.list(d[i, ]))

ancova <- function(covariates) {
  d <- read.csv("slopes.csv", stringsAsFactors = TRUE)
  d <- d[d$AVISIT == "V3" & !is.na(d$CHG), ]
  d$ARM <- relevel(d$ARM, ref = "placebo")
  fit <- lm(as.formula(paste("CHG ~ ARM + BASE", covariates)), data = d)
  e <- emmeans(fit, "ARM")
  means <- as.data.frame(summary(e))
  k <- as.data.frame(summary(contrast(e, "trt.vs.ctrl", ref = "placebo", adjust = "none"),
                             infer = TRUE))
  list(
    means = frame(data.frame(arm = means$ARM, estimate = means$emmean, se = means$SE,
                             df = means$df, lower = means$lower.CL, upper = means$upper.CL)),
    contrasts = frame(data.frame(arm = sub(" - placebo", "", k$contrast), estimate = k$estimate,
                                 se = k$SE, df = k$df, lower = k$lower.CL, upper = k$upper.CL,
                                 p = k$p.value)))
}
out$ancova <- ancova("")
out$ancova_covariates <- ancova("+ REGION + AGE")

negbin <- function(covariates) {
  d <- read.csv("counts.csv", stringsAsFactors = TRUE)
  d$ARM <- relevel(d$ARM, ref = "placebo")
  fit <- glm.nb(as.formula(paste("COUNT ~ ARM + offset(log(EXPOSURE))", covariates)), data = d,
                control = glm.control(epsilon = 1e-14, maxit = 500))
  e <- emmeans(fit, "ARM", offset = 0)
  means <- as.data.frame(summary(e))
  k <- as.data.frame(summary(contrast(e, "trt.vs.ctrl", ref = "placebo", adjust = "none"),
                             infer = TRUE))
  list(theta = fit$theta,
    means = frame(data.frame(arm = means$ARM, estimate = means$emmean, se = means$SE,
                             lower = means$asymp.LCL, upper = means$asymp.UCL)),
    contrasts = frame(data.frame(arm = sub(" - placebo", "", k$contrast), estimate = k$estimate,
                                 se = k$SE, lower = k$asymp.LCL, upper = k$asymp.UCL,
                                 p = k$p.value)))
}
out$negbin <- negbin("")
out$negbin_covariates <- negbin("+ REGION")

d <- read.csv("survival.csv", stringsAsFactors = TRUE)
fit <- survfit(Surv(AVAL, 1 - CNSR) ~ ARM, data = d, conf.type = "log-log")
s <- summary(fit, times = c(91, 182, 365, 700), extend = TRUE)
out$kaplan_meier <- frame(data.frame(arm = sub("ARM=", "", s$strata), time = s$time, n = s$n.risk,
  estimate = s$surv, se = s$std.err, lower = s$lower, upper = s$upper))
logrank <- function(arm, strata = FALSE) {
  k <- d[d$ARM %in% c(arm, "placebo"), ]
  k$ARM <- relevel(droplevels(k$ARM), ref = "placebo")
  f <- if (strata) survdiff(Surv(AVAL, 1 - CNSR) ~ ARM + strata(REGION), data = k)
       else survdiff(Surv(AVAL, 1 - CNSR) ~ ARM, data = k)
  list(arm = arm, estimate = sum(as.matrix(f$obs)[2, ]) - sum(as.matrix(f$exp)[2, ]),
       se = sqrt(f$var[2, 2]), chisq = f$chisq, p = pchisq(f$chisq, 1, lower.tail = FALSE))
}
out$logrank <- list(logrank("high"), logrank("low"))
out$logrank_strata <- list(logrank("high", TRUE), logrank("low", TRUE))

d <- read.csv("slopes.csv", stringsAsFactors = TRUE)
rows <- list()
for (visit in c("V1", "V3", "V5")) {
  for (arm in levels(d$ARM)) {
    x <- d$AVAL[d$AVISIT == visit & d$ARM == arm]
    t <- t.test(x)
    rows[[length(rows) + 1]] <- list(arm = arm, contrast = "", visit = visit, n = sum(!is.na(x)),
      estimate = unname(t$estimate), se = t$stderr, lower = t$conf.int[1], upper = t$conf.int[2])
  }
  for (arm in setdiff(levels(d$ARM), "placebo")) {
    x <- d$CHG[d$AVISIT == visit & d$ARM == arm]
    y <- d$CHG[d$AVISIT == visit & d$ARM == "placebo"]
    t <- t.test(x, y)
    rows[[length(rows) + 1]] <- list(arm = arm, contrast = "placebo", visit = visit,
      n = sum(!is.na(x)) + sum(!is.na(y)), estimate = unname(t$estimate[1] - t$estimate[2]),
      se = t$stderr, df = unname(t$parameter), lower = t$conf.int[1], upper = t$conf.int[2],
      p = t$p.value)
  }
}
out$describe <- rows
write(toJSON(out, auto_unbox = TRUE, digits = 15, pretty = TRUE), "reference.json")
