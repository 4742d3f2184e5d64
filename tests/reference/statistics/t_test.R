# Writes t_test.json: Rscript t_test.R (in this folder, after make_data.py).
# Debian packages: r-base-core r-cran-jsonlite.
library(jsonlite)
d <- read.csv("slopes.csv", stringsAsFactors = TRUE)
d <- d[d$AVISIT == "V3", ]
measures <- list(change = d$AVAL - d$BASE, value = d$AVAL, percent = 100 * (d$AVAL / d$BASE - 1))
told <- function(t) list(estimate = sum(t$estimate * c(1, -1)[seq_along(t$estimate)]),
  se = t$stderr, df = unname(t$parameter), lower = t$conf.int[1], upper = t$conf.int[2],
  p = t$p.value)
out <- list(R = R.version.string)
for (measure in names(measures)) {
  x <- split(measures[[measure]], d$ARM)
  for (equal in c(FALSE, TRUE)) for (arm in c("high", "low")) {
    key <- paste(measure, if (equal) "equal" else "unequal", arm)
    out[[key]] <- told(t.test(x[[arm]], x$placebo, var.equal = equal))
  }
  out[[paste(measure, "alone")]] <- told(t.test(x$low))
  out[[paste(measure, "null")]] <- told(t.test(x$low, mu = 1.5))
}
write_json(out, "t_test.json", auto_unbox = TRUE, digits = NA, pretty = TRUE)
