//! Pairs of two sequences of entities without overlap within each, in linear time.

use super::Edge;

/// Puts into `chosen` the pairs of largest total weight among `edges`, which one sweep over two
/// flat sequences produced, so that the edges of an entity stand together.
///
/// Two edges conflict exactly if they belong to one such run. So the best choice up to an edge is
/// either the best without it, or its weight and the best before its run.
pub(crate) fn match_flat(
    edges: &[Edge],
    weight: impl Fn(Edge) -> i128,
    best: &mut Vec<(i128, usize)>,
    chosen: &mut Vec<Edge>,
) {
    // For the first k edges: their best weight, and the start of the run that edge k - 1 ends.
    best.clear();
    best.push((0, 0));
    let mut run = 0;
    for (k, &edge) in edges.iter().enumerate() {
        let conflicts = |other: usize| {
            edges.get(other).is_some_and(|o| o.gold == edge.gold || o.predicted == edge.predicted)
        };
        if k == 0 || !conflicts(k - 1) {
            run = k;
        } else if !conflicts(run) {
            // The edge before shares its other entity with the run that ends with it.
            run = k - 1;
        }
        best.push(((weight(edge) + best[run].0).max(best[k].0), run));
    }
    chosen.clear();
    let mut k = edges.len();
    while k > 0 {
        let (total, run) = best[k];
        if total == best[k - 1].0 {
            k -= 1;
        } else {
            chosen.push(edges[k - 1]);
            k = run;
        }
    }
}
