//! What clients are answered.

use ner_align_documents::ExtractedText;
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
    /// The pages of an uploaded file; empty for formats without pages.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub(crate) pages: Option<Vec<Page>>,
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
    /// The number of its page, counted from 1, where the file has pages.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    page: Option<usize>,
    /// Where it stands on pages, a box for each of its lines.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    #[schema(required = false)]
    boxes: Vec<PageBox>,
    /// The most probable other readings of its words, if asked for.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    #[schema(required = false)]
    alternatives: Vec<Alternative>,
}

/// What the words of an entity could be instead.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub(crate) struct Alternative {
    /// Another type; null if the words are in no entity.
    #[schema(required)]
    label: Option<String>,
    /// Probability, 0 to 1.
    #[schema(minimum = 0, maximum = 1)]
    score: f32,
}

/// A page of an uploaded file.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Page {
    /// Its number, counted from 1.
    number: usize,
    /// Code point of the text at which it starts.
    start: usize,
    /// First code point after it.
    end: usize,
    /// Width in points (1/72 inch).
    width: f32,
    /// Height in points.
    height: f32,
}

/// A rectangle on a page in points, from its upper left corner.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub(crate) struct PageBox {
    /// The number of the page, counted from 1.
    page: usize,
    /// Left edge.
    x0: f32,
    /// Upper edge.
    y0: f32,
    /// Right edge.
    x1: f32,
    /// Lower edge.
    y1: f32,
}

impl From<&ner_align_documents::Page> for Page {
    fn from(page: &ner_align_documents::Page) -> Self {
        let ner_align_documents::Page { number, start, end, width, height, .. } = *page;
        Self { number, start, end, width, height }
    }
}

impl Entity {
    /// An entity, with its place on the pages of the file that the text is from.
    pub(crate) fn of(found: FoundEntity, document: Option<&ExtractedText>) -> Self {
        let FoundEntity { start, end, label, score, text, alternatives, .. } = found;
        let page = document.and_then(|document| document.page_at(start));
        let boxes = document.map(|document| document.boxes(start..end)).unwrap_or_default();
        Self {
            start,
            end,
            label: label.to_string(),
            score,
            text,
            page: page.map(|page| page.number),
            boxes: boxes.iter().map(PageBox::from).collect(),
            alternatives: alternatives.into_iter().map(Alternative::from).collect(),
        }
    }
}

impl From<ner_align_pipeline::Alternative> for Alternative {
    fn from(own: ner_align_pipeline::Alternative) -> Self {
        Self { label: own.label.map(|label| label.to_string()), score: own.score }
    }
}

impl From<&ner_align_documents::PageBox> for PageBox {
    fn from(own: &ner_align_documents::PageBox) -> Self {
        Self { page: own.page, x0: own.x0, y0: own.y0, x1: own.x1, y1: own.y1 }
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
