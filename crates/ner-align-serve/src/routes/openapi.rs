//! `GET /openapi.json`: a description of the server, with its limits, its models and their labels.

use std::collections::BTreeSet;
use std::sync::Arc;

use axum::extract::State;
use axum::response::Response;
use utoipa::OpenApi;
use utoipa::openapi::schema::{AdditionalProperties, ObjectBuilder, OneOfBuilder, Type};
use utoipa::openapi::security::{HttpAuthScheme, HttpBuilder, SecurityRequirement, SecurityScheme};
use utoipa::openapi::{ArrayBuilder, Object, OneOf, RefOr, Schema};

use super::{entities, fields, health, json, metrics, models};
use crate::problem::Problem;
use crate::state::Shared;

#[derive(OpenApi)]
#[openapi(
    info(title = "ner-align", description = "Named entities of texts"),
    paths(entities::entities, fields::fields, models::models, health::health, metrics::metrics)
)]
struct Description;

/// The name of the token among the ways to be let in.
const TOKEN: &str = "token";
/// Paths that need no token.
const OPEN: [&str; 1] = ["/healthz"];

pub(super) async fn document(State(shared): State<Arc<Shared>>) -> Result<Response, Problem> {
    let mut document = Description::openapi();
    document.info.version = env!("CARGO_PKG_VERSION").to_owned();
    let components = document.components.get_or_insert_default();
    components
        .schemas
        .insert("EntitiesRequest".to_owned(), RefOr::T(Schema::OneOf(request(&shared))));
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
    let options = &shared.options;
    let text = || {
        let most = Some(options.max_chars);
        ObjectBuilder::new().schema_type(Type::String).max_length(most)
    };
    let one = text().description(Some("A text"));
    let several = ArrayBuilder::new().items(text()).max_items(Some(options.max_texts));
    let several = several.description(Some("Several texts"));
    OneOfBuilder::new()
        .item(beside(shared, "text", one.build().into()))
        .item(beside(shared, "texts", several.build().into()))
        .description(Some("`text` or `texts`, and what may stand beside it"))
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
        .additional_properties(Some(AdditionalProperties::<Schema>::FreeForm(false)))
        .build()
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
