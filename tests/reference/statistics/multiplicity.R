# Writes multiplicity.json: Rscript multiplicity.R (in this folder).
# Debian packages: r-base-core r-cran-jsonlite.
# Graphs by the closed test: every intersection of hypotheses gets weights by taking the others out
# of the graph one by one, its p value is the smallest p / weight, and the adjusted p value of a
# hypothesis is the largest among the intersections that hold it.
library(jsonlite)
set.seed(7)

without <- function(graph, j) {
  w <- graph$w; g <- graph$g; n <- length(w)
  v <- w + w[j] * g[j, ]; v[j] <- 0
  h <- matrix(0, n, n)
  for (l in 1:n) for (k in 1:n) if (l != j && k != j && l != k && g[l, j] * g[j, l] < 1)
    h[l, k] <- (g[l, k] + g[l, j] * g[j, k]) / (1 - g[l, j] * g[j, l])
  list(w = v, g = h)
}
closed <- function(p, graph) {
  n <- length(p); adjusted <- rep(0, n)
  for (code in 1:(2^n - 1)) {
    inside <- bitwAnd(code, 2^(0:(n - 1))) > 0
    now <- graph
    for (j in which(!inside)) now <- without(now, j)
    held <- inside & now$w > 0
    whole <- if (any(held)) min(1, p[held] / now$w[held]) else 1
    adjusted[inside] <- pmax(adjusted[inside], whole)
  }
  adjusted
}
rows <- function(n, ...) matrix(c(...), n, byrow = TRUE)
random_graph <- function(n) {
  w <- rexp(n); g <- matrix(rexp(n * n) * rbinom(n * n, 1, 0.7), n); diag(g) <- 0
  list(w = w / sum(w) * runif(1, 0.6, 1), g = g / pmax(rowSums(g), 1e-9) * runif(1, 0.6, 1))
}
graphs <- list(
  gate = list(w = c(0.5, 0.5, 0, 0), g = rows(4, 0, 0.5, 0.5, 0, 0.5, 0, 0, 0.5, 0, 1, 0, 0,
                                              1, 0, 0, 0)),
  parallel = list(w = c(0.5, 0.5, 0, 0), g = rows(4, 0, 0, 0.5, 0.5, 0, 0, 0.5, 0.5, 0, 0, 0, 1,
                                                  0, 0, 1, 0)),
  fallback = list(w = c(0.5, 0.3, 0.2), g = rows(3, 0, 1, 0, 0, 0, 1, 0, 0, 0)),
  holm = list(w = rep(1 / 3, 3), g = (1 - diag(3)) / 2),
  random4 = random_graph(4), random5 = random_graph(5), random5b = random_graph(5))
out <- list(R = R.version.string)
out$graphs <- lapply(graphs, function(graph) {
  n <- length(graph$w)
  p <- rbind(matrix(rbeta(20 * n, 0.4, 4), 20), matrix(runif(5 * n), 5))
  p[3, ] <- p[3, 1]                                     # ties
  list(weights = graph$w, transitions = graph$g, p = p, adjusted = t(apply(p, 1, closed, graph)))
})
p <- rbind(matrix(rbeta(40, 0.5, 5), 8), c(0.01, 0.01, 0.02, 0.02, 1))
out$simple <- c(list(p = p), sapply(c("holm", "hochberg", "bonferroni"), function(m)
  t(apply(p, 1, p.adjust, method = m)), simplify = FALSE))
write_json(out, "multiplicity.json", auto_unbox = TRUE, digits = NA)
