# Writes kenward.json: Rscript kenward.R (in this folder, after make_data.py).
# Debian packages: r-base-core r-cran-lme4 r-cran-pbkrtest r-cran-jsonlite.
suppressMessages({library(lme4); library(pbkrtest); library(jsonlite)})
out <- list()
packages <- c("lme4", "pbkrtest", "jsonlite")
out$versions <- c(list(R = R.version.string),
                  setNames(lapply(packages, function(p) as.character(packageVersion(p))), packages))

kenward <- function(file, covariates = "", nominal = FALSE) {
  d <- read.csv(file, stringsAsFactors = TRUE)
  # Nominal: the day of every visit is the median over all rows, as where a block is made of them.
  if (nominal) d$ADY <- ave(d$ADY, d$AVISIT, FUN = median)
  d <- d[!is.na(d$AVAL), ]
  d$years <- d$ADY / 365.25
  d$ARM <- relevel(factor(d$ARM), ref = "placebo")
  mixed <- as.formula(paste("AVAL ~ ARM * years", covariates, "+ (years | USUBJID)"))
  fit <- lmer(mixed, data = d, REML = TRUE, control = lmerControl(
    optimizer = "bobyqa", optCtrl = list(rhobeg = 0.02, rhoend = 1e-11, maxfun = 1e6),
    boundary.tol = 1e-5, calc.derivs = FALSE))
  adjusted <- vcovAdj(fit)
  terms <- names(fixef(fit))
  rows <- list()
  add <- function(arm, contrast, l) {
    rows[[length(rows) + 1]] <<- list(arm = arm, contrast = contrast,
      estimate = sum(l * fixef(fit)), se = sqrt(as.numeric(l %*% adjusted %*% l)),
      df = get_Lb_ddf(fit, l))
  }
  for (arm in levels(d$ARM)) {
    l <- as.numeric(terms == "years")
    if (arm != "placebo") l <- l + (terms == paste0("ARM", arm, ":years"))
    add(arm, "", l)
  }
  for (arm in levels(d$ARM)[-1]) add(arm, "placebo", as.numeric(terms == paste0("ARM", arm, ":years")))
  rows
}
out$slopes <- kenward("slopes.csv")
out$slopes_covariates <- kenward("slopes.csv", "+ REGION + AGE")
out$slopes_small <- kenward("slopes_small.csv")
out$slopes_boundary <- kenward("slopes_boundary.csv")
out$slopes_nominal <- kenward("slopes.csv", nominal = TRUE)
out$slopes_small_nominal <- kenward("slopes_small.csv", nominal = TRUE)
write(toJSON(out, auto_unbox = TRUE, digits = 15, pretty = TRUE), "kenward.json")
