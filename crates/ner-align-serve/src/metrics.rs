//! What the server counts, in the text format of Prometheus.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

/// Upper bounds of the time of a request, in seconds.
const SECONDS: [f64; 12] =
    [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 5.0, 30.0];
/// Upper bounds of the number of texts in a batch.
const TEXTS: [f64; 9] = [1.0, 2.0, 4.0, 8.0, 16.0, 32.0, 64.0, 128.0, 256.0];

/// What the server counts.
#[derive(Debug, Default)]
pub(crate) struct Metrics(Mutex<Counts>);

#[derive(Debug, Default)]
struct Counts {
    /// By route, method and status.
    requests: BTreeMap<(String, &'static str, u16), u64>,
    /// By route.
    seconds: BTreeMap<String, Histogram<12>>,
    /// By model.
    models: BTreeMap<String, OfModel>,
}

#[derive(Debug, Default)]
struct OfModel {
    batches: Histogram<9>,
    /// By type.
    entities: BTreeMap<String, u64>,
}

#[derive(Debug)]
struct Histogram<const N: usize> {
    counts: [u64; N],
    sum: f64,
    count: u64,
}

impl<const N: usize> Default for Histogram<N> {
    fn default() -> Self {
        Self { counts: [0; N], sum: 0.0, count: 0 }
    }
}

impl<const N: usize> Histogram<N> {
    fn add(&mut self, bounds: &[f64; N], value: f64) {
        if let Some(bucket) = bounds.iter().position(|&bound| value <= bound) {
            self.counts[bucket] += 1;
        }
        self.sum += value;
        self.count += 1;
    }

    fn write(&self, text: &mut String, name: &str, label: &str, bounds: &[f64; N]) {
        let mut below = 0;
        for (bound, count) in bounds.iter().zip(self.counts) {
            below += count;
            line(text, &format!("{name}_bucket{{{label},le=\"{bound}\"}}"), below);
        }
        line(text, &format!("{name}_bucket{{{label},le=\"+Inf\"}}"), self.count);
        line(text, &format!("{name}_sum{{{label}}}"), self.sum);
        line(text, &format!("{name}_count{{{label}}}"), self.count);
    }
}

/// What a model is at this moment.
pub(crate) struct Gauge<'a> {
    pub(crate) model: &'a str,
    pub(crate) pending: usize,
    /// When it was loaded, in seconds since 1970.
    pub(crate) loaded: f64,
}

impl Metrics {
    fn lock(&self) -> MutexGuard<'_, Counts> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Counts an answer. `route` is a pattern of the router, so that there are few.
    pub(crate) fn request(&self, route: &str, method: &str, status: u16, elapsed: Duration) {
        const METHODS: [&str; 5] = ["GET", "POST", "HEAD", "OPTIONS", "DELETE"];
        let method = METHODS.into_iter().find(|known| *known == method).unwrap_or("other");
        let mut counts = self.lock();
        *counts.requests.entry((route.to_owned(), method, status)).or_default() += 1;
        let seconds = counts.seconds.entry(route.to_owned()).or_default();
        seconds.add(&SECONDS, elapsed.as_secs_f64());
    }

    /// Counts a batch of a model, and the types of what was found in it.
    pub(crate) fn batch<'a>(
        &self,
        model: &str,
        texts: usize,
        labels: impl Iterator<Item = &'a str>,
    ) {
        let mut counts = self.lock();
        let of_model = counts.models.entry(model.to_owned()).or_default();
        #[expect(clippy::cast_precision_loss, reason = "a batch has few texts")]
        of_model.batches.add(&TEXTS, texts as f64);
        for label in labels {
            match of_model.entities.get_mut(label) {
                Some(count) => *count += 1,
                None => drop(of_model.entities.insert(label.to_owned(), 1)),
            }
        }
    }

    /// All of it as text.
    pub(crate) fn text(&self, gauges: &[Gauge<'_>]) -> String {
        let counts = self.lock();
        let mut text = String::new();
        head(&mut text, "ner_align_requests_total", "counter", "Requests that were answered.");
        for ((route, method, status), count) in &counts.requests {
            let labels =
                format!("route=\"{}\",method=\"{method}\",status=\"{status}\"", quoted(route));
            line(&mut text, &format!("ner_align_requests_total{{{labels}}}"), count);
        }
        let name = "ner_align_request_seconds";
        head(
            &mut text,
            name,
            "histogram",
            "Time from the head of a request to that of its answer.",
        );
        for (route, seconds) in &counts.seconds {
            seconds.write(&mut text, name, &format!("route=\"{}\"", quoted(route)), &SECONDS);
        }
        let name = "ner_align_batch_texts";
        head(&mut text, name, "histogram", "Texts that went through the model together.");
        for (model, of_model) in &counts.models {
            of_model.batches.write(&mut text, name, &model_label(model), &TEXTS);
        }
        head(&mut text, "ner_align_entities_total", "counter", "Entities that were found.");
        for (model, of_model) in &counts.models {
            for (label, count) in &of_model.entities {
                let labels = format!("{},label=\"{}\"", model_label(model), quoted(label));
                line(&mut text, &format!("ner_align_entities_total{{{labels}}}"), count);
            }
        }
        let name = "ner_align_pending_requests";
        head(&mut text, name, "gauge", "Requests that wait for a model or are computed.");
        for gauge in gauges {
            line(&mut text, &format!("{name}{{{}}}", model_label(gauge.model)), gauge.pending);
        }
        let name = "ner_align_model_loaded_timestamp_seconds";
        head(&mut text, name, "gauge", "When the model was loaded.");
        for gauge in gauges {
            line(&mut text, &format!("{name}{{{}}}", model_label(gauge.model)), gauge.loaded);
        }
        text
    }
}

fn head(text: &mut String, name: &str, kind: &str, help: &str) {
    let _ = write!(text, "# HELP {name} {help}\n# TYPE {name} {kind}\n");
}

fn line(text: &mut String, name: &str, value: impl std::fmt::Display) {
    let _ = writeln!(text, "{name} {value}");
}

fn model_label(model: &str) -> String {
    format!("model=\"{}\"", quoted(model))
}

/// A value of a label, as it stands in quotes.
fn quoted(value: &str) -> String {
    value.replace('\\', "\\\\").replace('"', "\\\"").replace('\n', "\\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_prometheus_reads() {
        let metrics = Metrics::default();
        metrics.request("/v1/entities", "POST", 200, Duration::from_millis(3));
        metrics.request("/v1/entities", "POST", 200, Duration::from_secs(60));
        metrics.request("other", "BREW", 404, Duration::ZERO);
        metrics.batch("a\"b", 3, std::iter::empty());
        let gauges = [Gauge { model: "a\"b", pending: 2, loaded: 1.5 }];
        let text = metrics.text(&gauges);
        for expected in [
            "# TYPE ner_align_requests_total counter",
            "ner_align_requests_total{route=\"/v1/entities\",method=\"POST\",status=\"200\"} 2",
            "ner_align_requests_total{route=\"other\",method=\"other\",status=\"404\"} 1",
            "ner_align_request_seconds_bucket{route=\"/v1/entities\",le=\"0.0025\"} 0",
            "ner_align_request_seconds_bucket{route=\"/v1/entities\",le=\"0.005\"} 1",
            "ner_align_request_seconds_bucket{route=\"/v1/entities\",le=\"30\"} 1",
            "ner_align_request_seconds_bucket{route=\"/v1/entities\",le=\"+Inf\"} 2",
            "ner_align_request_seconds_sum{route=\"/v1/entities\"} 60.003",
            "ner_align_request_seconds_count{route=\"/v1/entities\"} 2",
            "ner_align_batch_texts_bucket{model=\"a\\\"b\",le=\"2\"} 0",
            "ner_align_batch_texts_bucket{model=\"a\\\"b\",le=\"4\"} 1",
            "ner_align_pending_requests{model=\"a\\\"b\"} 2",
            "ner_align_model_loaded_timestamp_seconds{model=\"a\\\"b\"} 1.5",
        ] {
            assert!(text.lines().any(|line| line == expected), "{expected}\n{text}");
        }
    }
}
