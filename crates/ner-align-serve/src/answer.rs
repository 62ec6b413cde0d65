//! What clients are answered.

use ner_align_pipeline::FoundEntity;
use serde::Serialize;
use utoipa::ToSchema;

/// The entities of what was asked, in the shape that was asked for.
#[derive(Debug, Serialize, ToSchema)]
#[serde(untagged)]
pub(crate) enum EntitiesAnswer {
    Text(TextAnswer),
    Texts(TextsAnswer),
    Displacy(DisplacyAnswer),
    DisplacyOfEach(Vec<DisplacyAnswer>),
}

/// The entities of one text.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct TextAnswer {
    /// The name of the model.
    pub(crate) model: String,
    /// The text.
    pub(crate) text: String,
    /// Its entities, by position.
    pub(crate) entities: Vec<Entity>,
}

/// The entities of several texts.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct TextsAnswer {
    /// The name of the model.
    pub(crate) model: String,
    /// The texts in their order.
    pub(crate) documents: Vec<Document>,
}

/// A text and its entities.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Document {
    /// The text.
    pub(crate) text: String,
    /// Its entities, by position.
    pub(crate) entities: Vec<Entity>,
}

/// An entity.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub(crate) struct Entity {
    /// First code point, counted from 0 within the text.
    pub(crate) start: usize,
    /// First code point after the entity.
    pub(crate) end: usize,
    /// The type.
    pub(crate) label: String,
    /// Probability, 0 to 1.
    #[schema(minimum = 0, maximum = 1)]
    pub(crate) score: f32,
    /// The text of the entity.
    pub(crate) text: String,
}

impl From<FoundEntity> for Entity {
    fn from(found: FoundEntity) -> Self {
        let FoundEntity { start, end, label, score, text, .. } = found;
        Self { start, end, label: label.to_string(), score, text }
    }
}

/// A text as displaCy draws it with `manual=True`.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct DisplacyAnswer {
    /// The text.
    text: String,
    /// The entities.
    ents: Vec<DisplacyEntity>,
    /// Always null.
    #[schema(required)]
    title: Option<String>,
}

/// An entity for displaCy.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct DisplacyEntity {
    /// First code point.
    start: usize,
    /// First code point after the entity.
    end: usize,
    /// The type.
    label: String,
}

impl From<Document> for DisplacyAnswer {
    fn from(document: Document) -> Self {
        let entity = |Entity { start, end, label, .. }| DisplacyEntity { start, end, label };
        let ents = document.entities.into_iter().map(entity).collect();
        Self { text: document.text, ents, title: None }
    }
}

/// The models of the server.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct ModelsAnswer {
    /// The default one first.
    pub(crate) models: Vec<ModelAnswer>,
}

/// A model of the server.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct ModelAnswer {
    /// The name that requests may give as `model`.
    pub(crate) name: String,
    /// The entity types that it finds, sorted.
    pub(crate) labels: Vec<String>,
    /// True for the one that answers requests that name none.
    pub(crate) default: bool,
}

/// The server is there.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct HealthAnswer {
    /// Always `ok`.
    #[schema(value_type = String)]
    pub(crate) status: &'static str,
}
