//! The arguments of every command that writes a corpus.

use std::path::Path;

use clap::Args;
use ner_align_core::Scheme;
use ner_align_corpus::formats::jsonl::{JsonlShape, config_path, write_labelling_config};
use ner_align_corpus::io::refuse_overwriting;
use ner_align_corpus::{ConvertOptions, Format, Policies, ReadOptions, Unwritable, WriteOptions};

use crate::failure::Failure;
use crate::say::say;

/// How a corpus is written.
#[derive(Debug, Clone, Args)]
#[command(next_help_heading = "Writing")]
pub struct WriteArgs {
    /// Format of the output, or the shape of its `jsonl`; detected from its name unless given
    #[arg(long, short_alias = 't', alias = "file-type", value_name = "FORMAT")]
    pub to: Option<String>,
    /// Scheme of the tags written: iob1, iob2, ioe1, ioe2, iobes, biluo, io [default: as read]
    #[arg(long, value_name = "SCHEME")]
    pub scheme: Option<String>,
    /// Spans that match no words: error, drop, missing, expand, contract, trim
    /// [default: kept where the format can, else error]
    #[arg(long, value_name = "POLICY")]
    pub on_misaligned: Option<String>,
    /// Entities that share words: error, longest, first, groups
    /// [default: kept where the format can, else error]
    #[arg(long, value_name = "POLICY")]
    pub on_overlap: Option<String>,
    /// Write tags anew from the entities that were read, so that they keep to their scheme
    #[arg(long)]
    pub repair: bool,
    /// Write U+FFFD for characters that the format cannot hold instead of refusing
    #[arg(long)]
    pub replace_unwritable: bool,
    /// Unpacked bytes after which another .spacy file starts
    #[arg(long, value_name = "BYTES", default_value_t = 1 << 30)]
    pub shard_size: u64,
    /// Shape of `jsonl`: prodigy, doccano, label-studio, spacy, tokens, entities [default: prodigy]
    #[arg(long, value_name = "SHAPE")]
    pub shape: Option<String>,
    /// What the offsets of `jsonl` count: code-points, utf16, bytes, crlf-as-one [default: code-points]
    #[arg(long, value_name = "UNIT")]
    pub to_offsets: Option<String>,
}

impl WriteArgs {
    /// The options for going from what is read so to what is written.
    ///
    /// # Errors
    /// An unknown format, scheme or policy.
    pub fn options(&self, read: ReadOptions) -> Result<ConvertOptions, Failure> {
        let unwritable =
            if self.replace_unwritable { Unwritable::Replace } else { Unwritable::Error };
        let (to, named) = named_output(self.to.as_deref())?;
        let shape: Option<JsonlShape> = self.shape.as_deref().map(str::parse).transpose()?;
        if let (Some(named), Some(shape)) = (named, shape)
            && named != shape
        {
            return Err(Failure::usage(format!(
                "--shape: expected {named}, as --to says, found {shape}"
            )));
        }
        Ok(ConvertOptions::default()
            .with_read(read)
            .with_write(
                WriteOptions::default()
                    .with_scheme(scheme(self.scheme.as_deref())?)
                    .with_unwritable(unwritable)
                    .with_repair(self.repair)
                    .with_shard_size(self.shard_size)
                    .with_offsets(self.to_offsets.as_deref().map(str::parse).transpose()?)
                    .with_shape(shape.or(named)),
            )
            .with_policies(
                Policies::default()
                    .with_misaligned(self.on_misaligned.as_deref().map(str::parse).transpose()?)
                    .with_overlap(self.on_overlap.as_deref().map(str::parse).transpose()?),
            )
            .with_to(to))
    }
}

/// The format that `--to` names, and the shape if it names one.
///
/// # Errors
/// An unknown name.
pub fn named_output(name: Option<&str>) -> Result<(Option<Format>, Option<JsonlShape>), Failure> {
    Ok(match name.map(JsonlShape::named_output).transpose()? {
        Some((format, shape)) => (Some(format), shape),
        None => (None, None),
    })
}

/// Refuses an output that would replace an input, itself or, if it is of tasks, by the labelling
/// configuration beside it.
///
/// # Errors
/// Such an output.
pub fn refuse_output<P: AsRef<Path>>(
    output: &Path,
    shape: Option<JsonlShape>,
    inputs: &[P],
) -> Result<(), Failure> {
    if shape == Some(JsonlShape::LabelStudio) && output.as_os_str() != "-" {
        refuse_overwriting(config_path(output), inputs)?;
    }
    Ok(refuse_overwriting(output, inputs)?)
}

/// Writes the labelling configuration beside a file of tasks, and says where it is.
///
/// # Errors
/// A configuration that cannot be written.
pub fn write_config<'a>(
    tasks: &Path,
    labels: impl IntoIterator<Item = &'a str>,
) -> Result<(), Failure> {
    let path = write_labelling_config(tasks, labels)?;
    say(format_args!("{}: the labelling configuration for the tasks", path.display()));
    Ok(())
}

/// The scheme of this name, if one was given.
///
/// # Errors
/// An unknown scheme.
pub fn scheme(name: Option<&str>) -> Result<Option<Scheme>, Failure> {
    name.map(|name| {
        name.parse().map_err(|e: ner_align_core::UnknownScheme| Failure::usage(e.to_string()))
    })
    .transpose()
}
