//! `ner-align serve`: models over HTTP.

mod models;
mod process;

use std::net::SocketAddr;
use std::path::PathBuf;
use std::time::Duration;

use clap::Args;
use clap::builder::RangedU64ValueParser;
use ner_align_cli::failure::{ENVIRONMENT, INPUT, USAGE};
use ner_align_cli::say::say;
use ner_align_cli::{Failure, documents};
use ner_align_core::ErrorKind;
use ner_align_pipeline::fields::Mapping;
use ner_align_serve::{
    Access, Limits, Models, Origin, ServeError, ServeOptions, Token, router, serve_within,
};
use tokio::net::TcpListener;

use crate::fault::OrFail;
use crate::model::ComputingArgs;
use crate::thresholds::ThresholdArgs;
use models::{Loading, NamedModel};

const EXAMPLES: &str = "\
Examples:
  ner-align serve --model out/model-best
  ner-align serve --model people=out/model-best --addr 0.0.0.0:8080 --token-file token.txt";

/// Arguments of `serve`.
#[derive(Debug, Args)]
#[command(before_help = EXAMPLES)]
pub(crate) struct ServeArgs {
    /// Folder of a fine-tuned model or its id on the Hugging Face Hub, with the name that requests
    /// give it; repeatable, the first is the default [default name: that of the folder]
    #[arg(long = "model", value_name = "[NAME=]DIR|HUB_ID", required = true)]
    models: Vec<NamedModel>,
    #[command(flatten)]
    computing: ComputingArgs,
    #[command(flatten)]
    thresholds: ThresholdArgs,
    /// Which types make which fields in /v1/fields [default: a field for each type]
    #[arg(long, value_name = "MAPPING.toml")]
    group: Option<PathBuf>,
    /// Address to listen on; port 0 takes a free one
    #[arg(long, value_name = "HOST:PORT", default_value = "127.0.0.1:8080")]
    addr: String,
    /// File with a token that clients must send as `Authorization: Bearer TOKEN`
    #[arg(long, value_name = "FILE")]
    token_file: Option<PathBuf>,
    /// Origin whose pages may ask, such as https://app.example.org, or `*`; repeatable
    #[arg(long, value_name = "ORIGIN")]
    cors: Vec<Origin>,
    /// Bytes of a request's body
    #[arg(long, value_name = "BYTES", default_value = "10485760", value_parser = at_least_one())]
    max_body: usize,
    /// Code points of a text
    #[arg(long, value_name = "N", default_value = "100000", value_parser = at_least_one())]
    max_chars: usize,
    /// Requests to a model that wait or are computed at a time
    #[arg(long, value_name = "N", default_value = "512", value_parser = at_least_one())]
    queue: usize,
    /// Seconds until a request is answered or given up
    #[arg(long, value_name = "SECONDS", default_value = "30", value_parser = seconds)]
    timeout: Duration,
    /// Write no line for each request to standard error
    #[arg(long)]
    quiet: bool,
}

impl ServeArgs {
    fn loading(&self) -> Loading {
        Loading { computing: self.computing.clone(), thresholds: self.thresholds.clone() }
    }
}

fn at_least_one() -> RangedU64ValueParser<usize> {
    RangedU64ValueParser::new().range(1..)
}

fn seconds(text: &str) -> Result<Duration, String> {
    let seconds = text.parse().ok().and_then(|seconds| Duration::try_from_secs_f64(seconds).ok());
    // A day is more than anybody waits, and no time is too long to add.
    seconds
        .filter(|seconds| !seconds.is_zero() && *seconds <= Duration::from_secs(86_400))
        .ok_or_else(|| "expected a number of seconds above 0, at most 86400".to_owned())
}

/// Runs the command.
pub(crate) fn run(arguments: &ServeArgs) -> Result<(), Failure> {
    let options = options(arguments)?;
    let limits = Limits::default().with_grace(arguments.timeout + Duration::from_secs(5));
    let limits = match process::raise_file_limit() {
        Some(files) => limits.with_connections(files),
        None => limits,
    };
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build();
    let runtime = runtime.map_err(|error| Failure::environment(format!("threads: {error}")))?;
    // A port that is taken is known before the models are loaded.
    let listener = runtime.block_on(listen(&arguments.addr))?;
    let address = listener.local_addr().map_err(|error| unusable(&arguments.addr, &error))?;
    let models = models::open(&arguments.models, &arguments.loading())?;
    let router = router(models.clone(), options).map_err(failure)?;
    let stop = process::watch_signals(reloader(models, arguments))?;
    say(format!("listening on http://{address}"));
    if !address.ip().is_loopback() && arguments.token_file.is_none() {
        say("warning: other machines can reach this address, and there is no --token-file");
    }
    let served = runtime.block_on(serve_within(listener, router, limits, stop));
    served.map_err(|error| unusable(&arguments.addr, &error))?;
    process::leave()
}

fn options(arguments: &ServeArgs) -> Result<ServeOptions, Failure> {
    let worker = documents::worker()?;
    let token = arguments.token_file.as_ref().map(Token::read).transpose().map_err(failure)?;
    let options = ServeOptions::default()
        .with_max_body(arguments.max_body)
        .with_max_chars(arguments.max_chars)
        .with_queue(arguments.queue)
        .with_timeout(arguments.timeout)
        .with_token(token)
        .with_cors(arguments.cors.clone())
        .with_extractor(move |bytes, kind, limits| worker.extract(bytes, kind, limits))
        .with_mapping(match &arguments.group {
            Some(path) => Mapping::read(path).or_fail()?,
            None => Mapping::default(),
        });
    Ok(if arguments.quiet { options } else { options.on_request(|access| say(line(access))) })
}

async fn listen(address: &str) -> Result<TcpListener, Failure> {
    TcpListener::bind(address).await.map_err(|error| unusable(address, &error))
}

fn unusable(address: &str, error: &std::io::Error) -> Failure {
    Failure::environment(format!("--addr {address}: {error}"))
}

/// What SIGHUP does: each model is read again, and keeps its place if it cannot be.
fn reloader(models: Models, arguments: &ServeArgs) -> impl Fn() + Send + 'static {
    let (named, loading) = (arguments.models.clone(), arguments.loading());
    move || {
        for model in &named {
            match models::reload(&models, model, &loading) {
                Ok(()) => say(format!("reloaded {}", model.name)),
                Err(failure) => {
                    say(format!("{}: the model of before goes on; {failure}", model.name));
                }
            }
        }
    }
}

/// A line of the access log.
fn line(access: &Access<'_>) -> String {
    let remote =
        access.remote.map_or_else(|| "-".to_owned(), |remote: SocketAddr| remote.to_string());
    let Access { method, path, status, .. } = access;
    let milliseconds = access.elapsed.as_secs_f64() * 1000.0;
    let error = access.error.map_or_else(String::new, |error| format!(" {error:?}"));
    format!("{remote} {method} {path} {status} {milliseconds:.1} ms{error}")
}

#[expect(clippy::needless_pass_by_value, reason = "it goes to map_err")]
fn failure(error: ServeError) -> Failure {
    let code = match error.kind() {
        ErrorKind::Input => INPUT,
        ErrorKind::Usage => USAGE,
        _ => ENVIRONMENT,
    };
    Failure { hint: error.hint().map(str::to_owned), ..Failure::new(code, error.to_string()) }
}
