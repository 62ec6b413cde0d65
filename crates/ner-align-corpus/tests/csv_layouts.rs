//! Tables in the layouts that tools and people write.

mod layouts;

use layouts::{check, codes, entities, read};
use ner_align_corpus::formats::conll::Delimiter;
use ner_align_corpus::{Format, OffsetUnit, OnSurfaceMismatch, ReadOptions};

#[test]
fn empty_fields_as_pandas_and_databases_write_them() {
    check(
        Format::Csv,
        &[
            (
                "a.csv",
                "Sentence #,Word,Tag\nSentence: 1,Mara,B-per\nnan,lives,O\nNaN,nan,B-x\nSentence: 2,Oslo,B-geo\n",
                "Mara/per nan/x Oslo/geo",
                "",
            ),
            ("a.csv", "Sentence #;Word;Tag\nSentence: 1;Mara;B-per\nNULL;here;O\n", "Mara/per", ""),
            (
                "a.csv",
                ",Sentence #,Word,Tag\n0,Sentence: 1,Mara,B-per\n1,None,here,O\n",
                "Mara/per",
                "not-kept",
            ),
            (
                "a.tsv",
                "Unnamed: 0\tsentence_id\tword\ttag\n0\t1.0\tMara\tB-per\n1\t\tnull\tB-y\n",
                "Mara/per null/y",
                "not-kept",
            ),
            ("a.csv", "word,tag\nMara,B-per\nhere,nan\n", "Mara/per -", "empty-tag"),
            ("a.csv", "word,tag\nMara,B_per\nQuill,I_per\n", "Mara Quill/per", "tag-spelling"),
        ],
    );
    let text = "Sentence #,Word,Tag\nSentence: 1,a,O\nnan,b,O\nSentence: 2,c,B-x\n";
    let (documents, _) = read("a.csv", text, &ReadOptions::default()).unwrap();
    assert_eq!(documents.len(), 2);
}

#[test]
fn a_sentence_a_row() {
    check(
        Format::Csv,
        &[
            (
                "a.csv",
                "Sentence,Word labels\nMara lives here,B-PER O O\nOslo,B-LOC\n",
                "Mara/PER Oslo/LOC",
                "sentence-rows",
            ),
            (
                "a.csv",
                "sentence,word_labels\nMara lives,\"B-PER,O\"\n",
                "Mara/PER",
                "sentence-rows",
            ),
            (
                "a.csv",
                "tokens,ner_tags\n\"['Mara', \"\"Jo's\"\"]\",\"['B-PER', 'I-PER']\"\n",
                "Mara Jo's/PER",
                "sentence-rows",
            ),
            (
                "a.csv",
                "tokens,ner_tags\n\"['Mara' 'lives'\n 'here']\",\"['B-PER' 'O' 'O']\"\n",
                "Mara/PER",
                "sentence-rows",
            ),
            (
                "a.csv",
                "Sentence #,Sentence,POS,Tag\nSentence: 1,Mara lives,\"['NNP', 'VBZ']\",\"['B-per', 'O']\"\n",
                "Mara/per",
                "sentence-rows not-kept not-kept",
            ),
            ("a.txt", "Sentence;Word labels\nMara lives;B-PER O\n", "Mara/PER", "sentence-rows"),
            (
                "a.tsv",
                "tokens\tner_tags\n['Mara', 'in']\t['B-PER', 'O']\n",
                "Mara/PER",
                "sentence-rows",
            ),
            (
                "a.csv",
                "tokens,tags\n\"['a', 'b']\",\"['B_X', 'I_X']\"\n",
                "a b/X",
                "tag-spelling sentence-rows",
            ),
        ],
    );
    let numbers = "tokens,ner_tags\n\"['Mara' 'in']\",[1 0]\n";
    let error = read("a.csv", numbers, &ReadOptions::default()).unwrap_err();
    assert_eq!(error.to_string(), "a.csv:2:2: expected names of tags, found the number 1");
    let names = ["O", "B-PER"].map(str::to_owned).to_vec();
    let options = ReadOptions::default().with_tag_names(Some(names));
    assert_eq!(entities(&read("a.csv", numbers, &options).unwrap().0), "Mara/PER");
    let short = "Sentence,Word labels\nMara lives,B-PER O\n".to_owned()
        + &"x y,O O\n".repeat(120)
        + "Mara lives,O\n";
    let error = read("a.csv", &short, &ReadOptions::default()).unwrap_err().to_string();
    assert!(error.ends_with("expected one tag a word, found 1 tags for 2 words"), "{error}");
}

#[test]
fn spans_in_a_cell() {
    check(
        Format::Csv,
        &[
            (
                "a.csv",
                "annotation_id,id,label,text\n2,1,\"[{\"\"start\"\": 0, \"\"end\"\": 4, \"\"text\"\": \"\"Acme\"\", \"\"labels\"\": [\"\"ORG\"\"]}]\",Acme hires Jo.\n",
                "Acme/ORG",
                "sentence-rows not-kept",
            ),
            // The labelling config names the columns.
            (
                "a.csv",
                "entity,id,review\n\"[{\"\"start\"\": 0, \"\"end\"\": 4, \"\"labels\"\": [\"\"ORG\"\"]}]\",1,\"Acme, Oslo\n hires.\"\n",
                "Acme/ORG",
                "sentence-rows",
            ),
            (
                "a.csv",
                "text,entities\nAcme hires.,\"[(0, 4, 'ORG')]\"\n,\n",
                "Acme/ORG",
                "sentence-rows",
            ),
            (
                "a.csv",
                "text,annotations\nAcme hires.,\"{'entities': [(0, 4, 'ORG')]}\"\nJo hires.,[]\n",
                "Acme/ORG || ",
                "sentence-rows",
            ),
            // Nobody looked at the second text.
            (
                "a.csv",
                "text,label\nAcme hires.,\"[[0, 4, \"\"ORG\"\"]]\"\nJo left,\n",
                "Acme/ORG || - -",
                "sentence-rows no-annotation",
            ),
        ],
    );
    let text = "text,label\nAcme hires.,\"[{\"\"start\"\": 1, \"\"end\"\": 5, \"\"text\"\": \"\"Acme\"\", \"\"labels\"\": [\"\"ORG\"\"]}]\"\n";
    let error = read("a.csv", text, &ReadOptions::default()).unwrap_err().to_string();
    assert_eq!(
        error,
        "a.csv:2:2: expected \"Acme\" at 1..5, as the annotation says, found \"cme \""
    );
    // Offsets in other units, and texts that were changed.
    let row = |start: usize, text: &str| {
        let span = format!("{{'start': {start}, 'end': {}{text}, 'labels': ['LOC']}}", start + 4);
        format!("text,label\n😀 in Oslo,\"[{span}]\"\n")
    };
    let (named, nameless) = (", 'text': 'Oslo'", "");
    for (start, unit, text) in [
        (5, OffsetUnit::CodePoints, named),
        (6, OffsetUnit::Utf16, named),
        (6, OffsetUnit::Utf16, nameless),
        (8, OffsetUnit::Bytes, nameless),
    ] {
        let options = ReadOptions::default().with_offsets(unit);
        let (documents, _) = read("a.csv", &row(start, text), &options).unwrap();
        assert_eq!(entities(&documents), "Oslo/LOC", "{unit}");
    }
    let error = read("a.csv", &row(6, named), &ReadOptions::default()).unwrap_err();
    assert!(error.hint().unwrap().contains("`offsets: utf16`"), "{error}");
    let within = ReadOptions::default().with_offsets(OffsetUnit::Utf16);
    assert_eq!(read("a.csv", &row(1, nameless), &within).unwrap_err().code(), "offset");
    let drop = ReadOptions::default().with_on_surface_mismatch(OnSurfaceMismatch::Drop);
    let (documents, findings) = read("a.csv", &row(6, named), &drop).unwrap();
    assert_eq!(entities(&documents), "");
    assert_eq!(codes(&findings), "sentence-rows surface-mismatch");
    // Keys as JSON names them.
    let columns = "text=body,spans=found".parse().unwrap();
    let text = "found,label,body\n\"[[3, 7, 'LOC']]\",x,in Oslo\n";
    let options = ReadOptions::default().with_format(Some(Format::Csv)).with_columns(columns);
    assert_eq!(entities(&read("a.csv", text, &options).unwrap().0), "Oslo/LOC");
}

#[test]
fn numbers_as_tags_need_names() {
    let text = "sentence_id,word,tag\n1,Mara,1\n1,in,0\n";
    let error = read("a.csv", text, &ReadOptions::default()).unwrap_err();
    assert_eq!(error.to_string(), "a.csv:2:3: expected names of tags, found the number 1");
    let names = ["O", "B-PER"].map(str::to_owned).to_vec();
    let options = ReadOptions::default().with_tag_names(Some(names));
    let (documents, findings) = read("a.csv", text, &options).unwrap();
    assert_eq!((entities(&documents).as_str(), codes(&findings).as_str()), ("Mara/PER", ""));
}

#[test]
fn a_table_without_a_header_is_refused_with_a_way_on() {
    let text = "Mara,B-PER\nin,O\n";
    let error = read("a.csv", text, &ReadOptions::default()).unwrap_err();
    assert!(error.hint().unwrap_or_default().contains("`format: conll` and its `delimiter`"));
    let options = ReadOptions::default()
        .with_format(Some(Format::Conll))
        .with_delimiter(Delimiter::Char(','))
        .with_sentences_per_document(0);
    assert_eq!(entities(&read("a.csv", text, &options).unwrap().0), "Mara/PER");
}
