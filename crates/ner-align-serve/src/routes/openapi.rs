//! `GET /openapi.json`: a description of the server, with its limits, its models and their labels.

use std::collections::BTreeSet;
use std::sync::Arc;

use axum::extract::State;
use axum::response::Response;
use utoipa::OpenApi;
use utoipa::openapi::schema::{
    AdditionalProperties, AnyOfBuilder, ObjectBuilder, OneOfBuilder, Type,
};
use utoipa::openapi::security::{HttpAuthScheme, HttpBuilder, SecurityRequirement, SecurityScheme};
use utoipa::openapi::{ArrayBuilder, Object, OneOf, RefOr, Schema};

use super::{entities, fields, health, hf, json, metrics, models};
use crate::problem::Problem;
use crate::request::MOST_ALTERNATIVES;
use crate::state::Shared;

#[derive(OpenApi)]
#[openapi(
    info(title = "ner-align", description = "Named entities of texts"),
    paths(
        entities::entities,
        fields::fields,
        hf::hf,
        models::models,
        health::health,
        metrics::metrics,
    )
)]
struct Description;

/// The name of the token among the ways to be let in.
const TOKEN: &str = "token";
/// The schema of an answer of `POST /hf`.
const HF_ANSWER: &str = "HfAnswer";
/// Paths that need no token.
const OPEN: [&str; 1] = ["/healthz"];

pub(super) async fn document(State(shared): State<Arc<Shared>>) -> Result<Response, Problem> {
    let mut document = Description::openapi();
    document.info.version = env!("CARGO_PKG_VERSION").to_owned();
    let components = document.components.get_or_insert_default();
    components
        .schemas
        .insert("EntitiesRequest".to_owned(), RefOr::T(Schema::OneOf(request(&shared))));
    components
        .schemas
        .insert("HfRequest".to_owned(), RefOr::T(Schema::Object(pipeline_request(&shared))));
    // An empty list is an answer to one text and to no texts.
    if let Some(RefOr::T(Schema::OneOf(either))) = components.schemas.get_mut(HF_ANSWER) {
        let items = std::mem::take(&mut either.items).into_iter();
        let any = items.fold(AnyOfBuilder::new(), AnyOfBuilder::item);
        let any = any.description(either.description.take()).build();
        components.schemas.insert(HF_ANSWER.to_owned(), RefOr::T(Schema::AnyOf(any)));
    }
    if shared.options.token.is_some() {
        let scheme = HttpBuilder::new().scheme(HttpAuthScheme::Bearer).build();
        components.add_security_scheme(TOKEN, SecurityScheme::Http(scheme));
        for (path, item) in &mut document.paths.paths {
            let needed = SecurityRequirement::new(TOKEN, [""; 0]);
            let security = if OPEN.contains(&path.as_str()) { vec![] } else { vec![needed] };
            for operation in [&mut item.get, &mut item.post].into_iter().flatten() {
                operation.security = Some(security.clone());
            }
        }
    }
    json(&document)
}

/// A request with `text` or with `texts`, and within the limits.
fn request(shared: &Shared) -> OneOf {
    let one = text(shared).description(Some("A text"));
    let several = texts(shared).description(Some("Several texts"));
    OneOfBuilder::new()
        .item(beside(shared, "text", one.build().into()))
        .item(beside(shared, "texts", several.build().into()))
        .description(Some("`text` or `texts`, and what may stand beside it"))
        .build()
}

/// A text within the limits.
fn text(shared: &Shared) -> ObjectBuilder {
    ObjectBuilder::new().schema_type(Type::String).max_length(Some(shared.options.max_chars))
}

fn texts(shared: &Shared) -> ArrayBuilder {
    ArrayBuilder::new().items(text(shared)).max_items(Some(shared.options.max_texts))
}

/// A request for the pipeline's answers, and within the limits.
fn pipeline_request(shared: &Shared) -> Object {
    let inputs = OneOfBuilder::new().item(text(shared)).item(texts(shared));
    let inputs = inputs.description(Some("A text, or several")).build();
    let by = |names: &[&str]| {
        let strategy =
            ObjectBuilder::new().schema_type(Type::String).enum_values(Some(names.iter().copied()));
        let strategy = strategy.description(Some("How subtokens become entities"));
        let ignored = ObjectBuilder::new().schema_type(Type::String);
        let ignored = ArrayBuilder::new().items(ignored);
        ObjectBuilder::new()
            .property("aggregation_strategy", strategy)
            .property("ignore_labels", ignored.description(Some("Types that are left out")))
            .additional_properties(Some(AdditionalProperties::<Schema>::FreeForm(false)))
    };
    let models = shared.services().iter().map(|service| service.model());
    let longest = models.map(|model| model.predictor.longest_stride()).min();
    let stride = ObjectBuilder::new().schema_type(Type::Integer).minimum(Some(0)).maximum(longest);
    let stride = stride.description(Some("Subtokens that neighbouring windows share"));
    let grouped = by(&["simple", "first", "average", "max"]).property("stride", stride);
    let parameters = OneOfBuilder::new()
        .item(grouped)
        .item(by(&["none"]).required("aggregation_strategy"))
        .description(Some("The parameters of the pipeline"))
        .build();
    ObjectBuilder::new()
        .property("inputs", RefOr::T(Schema::OneOf(inputs)))
        .required("inputs")
        .property("parameters", RefOr::T(Schema::OneOf(parameters)))
        .description(Some("`inputs`, and the parameters of transformers' pipeline"))
        .build()
}

/// An object with this property, and those that may stand beside it.
fn beside(shared: &Shared, name: &str, property: Schema) -> Object {
    let names = shared.services().iter().map(|service| service.name());
    let models = ObjectBuilder::new().schema_type(Type::String).enum_values(Some(names));
    ObjectBuilder::new()
        .property(name, property)
        .required(name)
        .property("model", models.description(Some("The name of a model")))
        .property("threshold", threshold(shared))
        .property("alternatives", alternatives())
        .additional_properties(Some(AdditionalProperties::<Schema>::FreeForm(false)))
        .build()
}

fn alternatives() -> ObjectBuilder {
    let number = ObjectBuilder::new().schema_type(Type::Integer).minimum(Some(0));
    let number = number.maximum(Some(MOST_ALTERNATIVES));
    number.description(Some("How many other readings each entity is given with"))
}

fn threshold(shared: &Shared) -> RefOr<Schema> {
    let least = || {
        let number = ObjectBuilder::new().schema_type(Type::Number);
        number.minimum(Some(0)).maximum(Some(1))
    };
    let models = shared.services().iter().map(|service| service.model());
    let labels: BTreeSet<String> = models.flat_map(|model| model.labels.clone()).collect();
    let by_type = labels
        .into_iter()
        .fold(ObjectBuilder::new(), |object, label| object.property(label, least()))
        .additional_properties(Some(AdditionalProperties::<Schema>::FreeForm(false)));
    let either = OneOfBuilder::new()
        .item(least().description(Some("The lowest score of an entity")))
        .item(by_type.description(Some("The lowest scores of entities by type")))
        .build();
    RefOr::T(Schema::OneOf(either))
}
