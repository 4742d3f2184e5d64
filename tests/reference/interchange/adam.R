# Writes adam.json: Rscript adam.R FOLDER, with the XPT files that adam.py has put there.
# Debian packages: r-base-core r-cran-haven r-cran-survival r-cran-nlme r-cran-emmeans r-cran-jsonlite.
suppressMessages({
  library(haven); library(survival); library(nlme); library(emmeans); library(jsonlite)
})
folder <- commandArgs(TRUE)[1]
read <- function(name) read_xpt(file.path(folder, paste0(name, ".xpt")))
packages <- c("haven", "survival", "nlme", "emmeans")
out <- list(versions = c(list(R = R.version.string),
                         setNames(lapply(packages, function(p) as.character(packageVersion(p))), packages)))

# What another program reads: names, labels, and every number with all of its digits.
out$files <- list()
for (file in sort(list.files(folder, pattern = "[.]xpt$"))) {
  d <- read_xpt(file.path(folder, file))
  foreign <- foreign::read.xport(file.path(folder, file))
  numbers <- names(d)[sapply(d, is.numeric)]
  stopifnot(identical(names(foreign), names(d)),
            all(sapply(numbers, function(n) identical(as.numeric(d[[n]]), as.numeric(foreign[[n]])))))
  text <- file.path(tempdir(), "numbers.txt")
  con <- file(text, "wb")
  for (n in numbers) writeLines(ifelse(is.na(d[[n]]), "NA", sprintf("%.17g", as.numeric(d[[n]]))), con)
  close(con)
  out$files[[sub("[.]xpt$", "", file)]] <- list(
    label = attr(d, "label"), rows = nrow(d), names = names(d),
    labels = unname(sapply(d, function(x) attr(x, "label"))), md5 = unname(tools::md5sum(text)))
}

lung <- as.data.frame(read("adlung")); lung <- lung[lung$PARAMCD == "PD15", ]
lung$arm <- factor(lung$TRTP, levels = c("placebo", "active"))

at <- lung[lung$AVISIT == "m24" & !is.na(lung$CHG), ]
fit <- lm(CHG ~ arm + BASE, data = at)
two <- summary(fit)$coefficients["armactive", ]
means <- as.data.frame(emmeans(fit, "arm"))
out$ancova <- list(estimate = two[["Estimate"]], se = two[["Std. Error"]], p = two[["Pr(>|t|)"]],
                   n = nrow(at), means = setNames(as.list(means$emmean), as.character(means$arm)),
                   errors = setNames(as.list(means$SE), as.character(means$arm)))

after <- lung[lung$AVISIT != "baseline" & !is.na(lung$CHG), ]
after <- after[order(after$USUBJID, after$AVISITN), ]
after$visit <- factor(after$AVISIT, levels = c("m24", "m3", "m12", "m21"))
after$index <- match(after$AVISIT, c("m3", "m12", "m21", "m24"))
tight <- glsControl(tolerance = 1e-12, msTol = 1e-13, msMaxIter = 1000, maxIter = 500,
                    opt = "optim", optimMethod = "BFGS")
mixed <- gls(CHG ~ visit * (arm + BASE), data = after, method = "REML",
             correlation = corSymm(form = ~ index | USUBJID),
             weights = varIdent(form = ~ 1 | index), control = tight)
table <- summary(mixed)$tTable
out$mmrm <- list(estimate = table["armactive", "Value"], se = table["armactive", "Std.Error"],
                 loglik = as.numeric(logLik(mixed)))

tte <- as.data.frame(read("adtte")); tte <- tte[tte$PARAMCD == "DEATH", ]
tte$arm <- factor(tte$TRTP, levels = c("placebo", "active"))
cox <- summary(coxph(Surv(AVAL, CNSR == 0) ~ arm, data = tte))$coefficients
out$cox <- list(ratio = cox[1, "exp(coef)"], se = cox[1, "se(coef)"], p = cox[1, "Pr(>|z|)"])
writeLines(toJSON(out, auto_unbox = TRUE, digits = I(17), pretty = TRUE), "adam.json")
