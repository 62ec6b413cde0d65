//! `POST /hf`: the answers of transformers' pipeline for token classification.

use std::sync::Arc;

use axum::extract::{Request, State};
use axum::response::Response;
use ner_align_pipeline::{PipelineAnswer, PipelineInputs, PipelineRequest};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::json;
use crate::asked::{media_type, query, until};
use crate::body;
use crate::middleware::deadline;
use crate::problem::{Problem, ProblemBody};
use crate::request::{check_length, check_texts, from_json};
use crate::state::Shared;

/// What the query of the address may say.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
struct Asking {
    /// The name of a model.
    #[param(nullable = false)]
    model: Option<String>,
}

/// A request as JSON. The document says what that is, as the limits belong to it.
#[derive(ToSchema)]
#[schema(as = HfRequest)]
struct Body {}

/// A list of entities for one text, a list of lists for several.
#[derive(Serialize, ToSchema)]
#[serde(untagged)]
#[expect(dead_code, reason = "it is only described")]
enum HfAnswer {
    One(Vec<HfEntity>),
    Each(Vec<Vec<HfEntity>>),
}

/// An entity as the pipeline answers it.
#[derive(Serialize, ToSchema)]
struct HfEntity {
    /// The class of a subtoken, with `aggregation_strategy` none.
    #[schema(nullable = false)]
    entity: Option<String>,
    /// The type of a group, with other strategies.
    #[schema(nullable = false)]
    entity_group: Option<String>,
    /// Probability, 0 to 1.
    #[schema(minimum = 0, maximum = 1)]
    score: f32,
    /// The position of a subtoken in its window, with `aggregation_strategy` none.
    #[schema(nullable = false)]
    index: Option<usize>,
    /// The subtokens as the tokenizer joins them.
    word: String,
    /// First code point, counted from 0 within the text.
    start: usize,
    /// First code point after the entity.
    end: usize,
}

/// The entities of a text or of several texts, as transformers' pipeline answers them.
#[utoipa::path(
    post,
    path = "/hf",
    params(Asking),
    request_body = Body,
    responses(
        (status = 200, description = "The entities", body = HfAnswer),
        (
            status = "default",
            description = "What is wrong",
            body = ProblemBody,
            content_type = "application/problem+json",
        ),
    ),
)]
pub(super) async fn hf(
    State(shared): State<Arc<Shared>>,
    request: Request,
) -> Result<Response, Problem> {
    let Asking { model } = query(request.uri())?;
    let deadline = deadline(&request, &shared.options);
    let (parts, body) = request.into_parts();
    // Some clients of the inference service name no type.
    match media_type(&parts.headers).as_str() {
        "" | "application/json" => {}
        found => {
            let detail = format!("expected application/json, found {found:?}");
            return Err(Problem::unsupported(detail));
        }
    }
    let held = body::read(&shared, &parts.headers, body, deadline).await?;
    let PipelineRequest { inputs, parameters, .. } = from_json(&held.bytes)?;
    let (one, texts) = match inputs {
        PipelineInputs::One(text) => {
            check_length("inputs", &text, &shared.options)?;
            (true, vec![text])
        }
        PipelineInputs::Each(texts) => {
            check_texts("inputs", &texts, &shared.options)?;
            (false, texts)
        }
        _ => return Err(Problem::invalid("inputs: expected a text or a list of texts")),
    };
    let service = shared.service(model.as_deref())?;
    let found = service.pipeline(texts, parameters);
    let mut found = until(deadline, &shared.options, found).await?;
    if one {
        return json(&PipelineAnswer::One(found.pop().unwrap_or_default()));
    }
    json(&PipelineAnswer::Each(found))
}
