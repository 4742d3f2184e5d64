# Writes mmrm.json: Rscript mmrm.R (in this folder, after make_data.py).
# Debian packages: r-base-core r-cran-nlme r-cran-lme4 r-cran-lmertest r-cran-pbkrtest
# r-cran-numderiv r-cran-jsonlite.
suppressMessages({
  library(nlme); library(lme4); library(lmerTest); library(pbkrtest); library(numDeriv)
  library(jsonlite)
})
out <- list()
packages <- c("nlme", "lme4", "lmerTest", "pbkrtest", "numDeriv", "jsonlite")
out$versions <- c(list(R = R.version.string),
                  setNames(lapply(packages, function(p) as.character(packageVersion(p))), packages))

# Three arms and five visits with gaps and dropout. Covariates are centred over people, the levels
# of the region weighted alike, so that the coefficients of visit x arm are least-squares means.
d <- read.csv("slopes.csv", stringsAsFactors = FALSE)
d$y <- d$AVAL - d$BASE
d <- d[d$AVISIT != "V0" & !is.na(d$y), ]
d <- d[order(d$USUBJID, d$AVISIT), ]
people <- d[!duplicated(d$USUBJID), ]
d$base <- d$BASE - mean(people$BASE)
d$age <- d$AGE - mean(people$AGE)
levels <- sort(unique(d$REGION))
d$r2 <- (d$REGION == levels[2]) - 1 / 3
d$r3 <- (d$REGION == levels[3]) - 1 / 3
stopifnot(length(levels) == 3)
d$visit <- factor(d$AVISIT); d$index <- as.integer(d$visit)
d$arm <- factor(d$ARM, levels = c("placebo", "high", "low"))
person <- split(seq_len(nrow(d)), d$USUBJID)
T <- nlevels(d$visit)

shape <- list(
  unstructured = function(x) {
    S <- matrix(0, T, T); S[upper.tri(S, TRUE)] <- x; S + t(S) - diag(diag(S))
  },
  ar1 = function(x) x[1] * x[2]^abs(outer(1:T, 1:T, "-"))
)

# The restricted likelihood, written out person by person, and what is at given parameters.
at <- function(x, kind, X, y) {
  S <- shape[[kind]](x)
  W <- matrix(0, ncol(X), ncol(X)); z <- numeric(ncol(X)); logs <- 0; squares <- 0
  for (rows in person) {
    V <- S[d$index[rows], d$index[rows], drop = FALSE]
    A <- solve(V); Z <- X[rows, , drop = FALSE]
    W <- W + t(Z) %*% A %*% Z
    z <- z + as.vector(t(Z) %*% A %*% y[rows])
    squares <- squares + sum(y[rows] * (A %*% y[rows]))
    logs <- logs + as.numeric(determinant(V)$modulus)
  }
  beta <- solve(W, z)
  list(beta = beta, Phi = solve(W),
       deviance = logs + as.numeric(determinant(W)$modulus) + squares - sum(z * beta))
}

# The default of hessian, steps of a tenth, leaves 1e-3 in 15 parameters.
curved <- function(f, x) hessian(f, x, method.args = list(d = 0.02))

repeated <- function(formula, kind) {
  correlation <- if (kind == "ar1") corAR1(form = ~ index | USUBJID)
                 else corSymm(form = ~ index | USUBJID)
  weights <- if (kind == "ar1") NULL else varIdent(form = ~ 1 | visit)
  fit <- gls(formula, data = d, correlation = correlation, weights = weights, method = "REML",
             control = glsControl(tolerance = 1e-10, msTol = 1e-12, maxIter = 500,
                                  msMaxIter = 500, opt = "nlminb"))
  X <- model.matrix(formula, d)
  full <- names(person)[lengths(person) == T][1]
  S <- getVarCov(fit, individual = full)
  x <- if (kind == "ar1") c(S[1, 1], S[1, 2] / S[1, 1]) else S[upper.tri(S, TRUE)]
  # Newton's steps from where gls stopped.
  deviance <- function(x) at(x, kind, X, d$y)$deviance
  for (k in 1:2) x <- x - solve(curved(deviance, x), grad(deviance, x))
  H <- curved(deviance, x)
  best <- at(x, kind, X, d$y)
  rows <- list()
  for (v in levels(d$visit)) for (a in levels(d$arm)) for (ref in c("", "placebo")) {
    if (a == ref) next
    l <- as.numeric(colnames(X) == paste0("visit", v, ":arm", a))
    if (ref != "") l <- l - (colnames(X) == paste0("visit", v, ":arm", ref))
    stopifnot(sum(abs(l)) == 1 + (ref != ""))
    variance <- function(x) sum(l * (at(x, kind, X, d$y)$Phi %*% l))
    g <- grad(variance, x)
    rows[[length(rows) + 1]] <- list(arm = a, contrast = ref, visit = v,
      gls = list(estimate = sum(l * coef(fit)), se = sqrt(sum(l * (vcov(fit) %*% l)))),
      estimate = sum(l * best$beta), se = sqrt(variance(x)),
      df = 2 * variance(x)^2 / sum(g * solve(H / 2, g)))
  }
  list(rows = rows, parameters = x, deviance = best$deviance,
       gls_deviance = -2 * as.numeric(logLik(fit)))
}
plain <- y ~ 0 + visit:arm + visit:base
more <- y ~ 0 + visit:arm + visit:base + visit:age + visit:r2 + visit:r3
out$unstructured <- repeated(plain, "unstructured")
out$unstructured_covariates <- repeated(more, "unstructured")
out$ar1 <- repeated(plain, "ar1")

# Three visits: random effects of person, of visits 1 and 2 together, and of visits 2 and 3 span
# with the residual every covariance, so that lmer can express the unstructured model.
set.seed(11)
n <- 36
S <- matrix(c(8, 6, 4, 6, 11, 5.5, 4, 5.5, 12), 3)
arm <- rep(c("placebo", "active", "active"), length.out = n)
base <- round(rnorm(n, 50, 8), 2)
change <- round(matrix(rnorm(3 * n), n) %*% chol(S) + outer(base - 50, c(-0.1, -0.15, -0.2)) +
                outer(arm == "active", c(0.5, 1, 2)), 3)
last <- sample(1:3, n, replace = TRUE, prob = c(0.15, 0.2, 0.65))
for (v in 2:3) change[last < v, v] <- NA
change[c(3, 20), 1:2] <- c(NA, change[20, 1], change[3, 2], NA)
k <- data.frame(id = rep(1:n, 3), arm = factor(rep(arm, 3), levels = c("placebo", "active")),
                base = rep(base - mean(base), 3), visit = factor(rep(1:3, each = n)),
                y = as.vector(change))
k <- k[!is.na(k$y), ]
k$v12 <- as.numeric(k$visit != 3); k$v2 <- as.numeric(k$visit == 2); k$v3 <- as.numeric(k$visit == 3)
fit <- lmerTest::lmer(y ~ 0 + visit:arm + visit:base + (1 | id) + (0 + v12 | id) + (0 + v2 + v3 | id),
  data = k, REML = TRUE, control = lmerControl(optimizer = "bobyqa",
    optCtrl = list(rhobeg = 0.02, rhoend = 1e-11, maxfun = 1e6), calc.derivs = FALSE))
stopifnot(!isSingular(fit))
X <- names(fixef(fit))
plain_fit <- as(fit, "lmerMod")
phi <- vcovAdj(plain_fit)
rows <- list()
for (v in 1:3) for (a in c("placebo", "active", "difference")) {
  one <- function(a) as.numeric(X == paste0("visit", v, ":arm", a))
  l <- if (a == "difference") one("active") - one("placebo") else one(a)
  s <- lmerTest::contest(fit, l, joint = FALSE, ddf = "Satterthwaite")
  rows[[length(rows) + 1]] <- list(
    arm = if (a == "difference") "active" else a,
    contrast = if (a == "difference") "placebo" else "", visit = paste0("V", v),
    estimate = s$Estimate, se = s[["Std. Error"]], df = s$df,
    kenward = list(se = sqrt(as.numeric(l %*% phi %*% l)), df = get_Lb_ddf(plain_fit, l)))
}
out$lmer <- list(rows = rows, arm = arm, base = base, change = change,
                 theta = unname(getME(fit, "theta")))
write_json(out, "mmrm.json", auto_unbox = TRUE, digits = NA, pretty = TRUE, na = "null")
