//! Columns in the layouts that tools and corpora have.

mod layouts;

use layouts::{check, codes, entities, read};
use ner_align_corpus::{Format, ReadOptions, WriteOptions, create};

const MARA: &str = "Mara Quill/PER Oslo/LOC";

#[test]
fn an_index_is_no_word() {
    check(
        Format::Conll,
        &[
            (
                "a.conll",
                "1 EU NNP B-NP B-ORG\n2 rejects VBZ B-VP O\n3 German JJ B-NP B-MISC\n4 call NN I-NP O\n\n\
                 1 Peter NNP B-NP B-PER\n2 Blackburn NNP I-NP I-PER\n",
                "EU/ORG German/MISC Peter Blackburn/PER",
                "columns-guessed",
            ),
            // From 0, on through the file, from any number.
            (
                "a.tsv",
                "0\tMara\tB-PER\n1\tQuill\tI-PER\n\n0\tOslo\tB-LOC\n",
                MARA,
                "columns-guessed",
            ),
            ("a", "1 Mara B-PER\n2 Quill I-PER\n\n3 Oslo B-LOC\n4 . O\n", MARA, "columns-guessed"),
            (
                "a.txt",
                "70 in O\n71 Mara B-PER\n72 Quill I-PER\n\n73 Oslo B-LOC\n74 . O\n",
                MARA,
                "columns-guessed",
            ),
            // With the numbers of words that have parts.
            (
                "a.conllup",
                "1\tMara\t_\tB-PER\n2-3\tQuillin\t_\tI-PER\n2\tOslo\t_\tB-LOC\n",
                "Mara Quillin/PER Oslo/LOC",
                "columns-guessed",
            ),
            // Numbers of sentences.
            (
                "a.tsv",
                "1\tMara\tB-PER\n1\tQuill\tI-PER\n1\tin\tO\n2\tOslo\tB-LOC\n2\t.\tO\n2\t.\tO\n",
                MARA,
                "columns-guessed sentence-numbers",
            ),
            // Numbers that are words.
            ("a.conll", "1 CD B-N\n\n1 CD B-N\n", "1/N 1/N", ""),
            ("a.conll", "1 B-N\n2 B-N\n", "1/N 2/N", ""),
            ("a.conll", "1905 CD B-N\n1906 CD B-N\n", "1905/N 1906/N", ""),
        ],
    );
}

#[test]
fn the_code_of_a_language_is_no_part_of_a_word() {
    check(
        Format::Conll,
        &[
            // WikiANN, as PAN-X has it; a word may be a colon.
            (
                "a.txt",
                "bn:Mara\tB-PER\nbn:Quill\tI-PER\nbn::\tO\n\nbn:Oslo\tB-LOC\n",
                MARA,
                "language-prefix",
            ),
            (
                "zh-yue.txt",
                "zh-yue:Mara\tB-PER\nzh-yue:Quill\tI-PER\nzh-yue:.\tO\n\nzh-yue:Oslo\tB-LOC\n",
                MARA,
                "language-prefix",
            ),
            // Words with colons: not all with the same, too few, or with another start.
            (
                "a.conll",
                "at:Oslo\tB-LOC\nin:Bath\tB-LOC\nat:x\tO\nat:y\tO\n",
                "at:Oslo/LOC in:Bath/LOC",
                "",
            ),
            ("a.conll", "in:Oslo\tB-LOC\nin:x\tO\nin:y\tO\n", "in:Oslo/LOC", ""),
            ("a.conll", "3:a\tB-X\n3:b\tO\n3:c\tO\n3:d\tO\n", "3:a/X", ""),
        ],
    );
}

#[test]
fn a_header_is_no_word_and_names_the_columns() {
    check(
        Format::Conll,
        &[
            ("a.tsv", "Token\tTag\nMara\tB-PER\nQuill\tI-PER\n\nOslo\tB-LOC\n", MARA, "header"),
            (
                "a",
                "word pos ner\nMara NNP B-PER\nQuill NNP I-PER\nOslo NNP B-LOC\n",
                MARA,
                "header",
            ),
            (
                "a.tsv",
                "NER\tForm\tID\nB-PER\tMara\t1\nI-PER\tQuill\t2\nB-LOC\tOslo\t3\n",
                MARA,
                "header",
            ),
            // Names that nobody knows, over tags without a fault.
            (
                "a.tsv",
                "Wort\tTyp\nMara\tB-PER\nQuill\tI-PER\nin\tO\nOslo\tB-LOC\n.\tO\n",
                MARA,
                "header",
            ),
            // Two parts of a file, joined.
            (
                "a.tsv",
                "Token\tTag\nMara\tB-PER\nQuill\tI-PER\n\nToken\tTag\nOslo\tB-LOC\n",
                MARA,
                "header",
            ),
            // Words, and a tag with a fault.
            ("a.tsv", "Token\tO\nTag\tB-X\n", "Tag/X", ""),
            (
                "a.tsv",
                "Oslo\tLOC\nin\tO\nBern\tB-LOC\na\tO\nb\tO\nc\tO\n",
                "Oslo/LOC Bern/LOC",
                "tag-without-prefix",
            ),
        ],
    );
    let hipe = "TOKEN\tNE-COARSE-LIT\tNE-COARSE-METO\tNE-NESTED\tMISC\n# language = en\n\
                # document_id = a-1\nMr\tB-pers\tO\tO\tNoSpaceAfter\n.\tI-pers\tO\tO\t_\n\
                # segment_iiif_link = _\nQuill\tI-pers\tO\tB-loc\t_\n\n# document_id = a-2\n\
                Rome\tB-loc\tB-org\tO\t_\n";
    let (documents, findings) = read("a.tsv", hipe, &ReadOptions::default()).unwrap();
    assert_eq!(entities(&documents), "Mr . Quill/pers || Rome/loc");
    let ids: Vec<_> = documents.iter().filter_map(|document| document.id()).collect();
    assert_eq!((ids, codes(&findings).as_str()), (vec!["a-1", "a-2"], "header other-comment"));
    let message = &findings[0].message;
    assert!(message.contains("\"NE-COARSE-METO\" (`tag_column: 2`)"), "{message}");
    assert!(message.contains("`columns: misc=MISC`"), "{message}");
    // Where no space follows a word, for who asks for it.
    let columns = "misc=MISC,tag=ne-nested".parse().unwrap();
    let (documents, _) =
        read("a.tsv", hipe, &ReadOptions::default().with_columns(columns)).unwrap();
    assert_eq!(
        (documents[0].text(), entities(&documents).as_str()),
        ("Mr. Quill", "Quill/loc || ")
    );
    let columns = "misc=NOTES".parse().unwrap();
    let error = read("a.tsv", hipe, &ReadOptions::default().with_columns(columns)).unwrap_err();
    assert_eq!((error.code(), error.line()), ("no-column", Some(1)));
    let newer = hipe.replace("# document_id", "# hipe2022:document_id");
    assert_eq!(read("a.tsv", &newer, &ReadOptions::default()).unwrap().0[1].id(), Some("a-2"));
    // A level that the file does not carry says nothing of its words.
    let empty =
        hipe.replace("B-pers", "_").replace("I-pers", "_").replace("\tB-loc\tB-org", "\t_\tO");
    let (documents, findings) = read("a.tsv", &empty, &ReadOptions::default()).unwrap();
    assert_eq!(entities(&documents), "- - - || -");
    assert_eq!(codes(&findings), "header no-annotation other-comment");
}

#[test]
fn comments_of_any_form_are_no_words() {
    check(
        Format::Conll,
        &[
            (
                "a.tsv",
                "## dev_0\t<경찰:OG>은 또\n경\tB-OG\n찰\tI-OG\n은\tO\n \tO\n또\tO\n",
                "경 찰/OG",
                "other-comment",
            ),
            (
                "a.conll",
                "# id 5-a domain=en\nMara _ _ B-PER\nQuill _ _ I-PER\n# _ _ O\nOslo _ _ B-LOC\n",
                MARA,
                "",
            ),
            (
                "a",
                "#text Mara Quill\nMara B-PER\nQuill I-PER\n#oslo B-LOC\n",
                "Mara Quill/PER #oslo/LOC",
                "other-comment",
            ),
            (
                "a.tsv",
                "#\tfrom a letter\nMara\tB-PER\n# half\nQuill\tI-PER\n#\tO\n",
                "Mara Quill/PER",
                "other-comment",
            ),
            ("a.tsv", "###123\nMara\tB-PER\n#1\tO\n", "Mara/PER", "other-comment"),
            // `#` words whose tags have no prefix.
            (
                "a",
                "Mara PER\nQuill PER\n#oslo LOC\nin O\nOslo LOC\n",
                "Mara Quill/PER #oslo/LOC Oslo/LOC",
                "tag-without-prefix tag-without-prefix tag-without-prefix tag-without-prefix",
            ),
        ],
    );
}

#[test]
fn tags_may_come_first() {
    check(
        Format::Conll,
        &[
            (
                "a.bio",
                "O\twhat\nO\tstar\nB-ACTOR\tmara\nI-ACTOR\tquill\n\nB-GENRE\tdrama\n",
                "mara quill/ACTOR drama/GENRE",
                "columns-guessed",
            ),
            ("a.txt", "O the\nB-X O\nO -\n", "O/X", "columns-guessed"),
            ("a", "B_X a DT\nO b NN\n", "a/X", "columns-guessed tag-spelling"),
            // The usual order, of words that look like tags.
            ("a.tsv", "O\tO\nB-PER\tB-X\n-\tO\n", "B-PER/X", ""),
        ],
    );
}

#[test]
fn one_of_two_levels_is_read_and_the_other_named() {
    let germeval = "#\thttp://example.org/A [2010]\n1\tTroia\tB-OTH\tB-LOC\n2\t-\tI-OTH\tO\n\
                    3\tTraum\tI-OTH\tO\n4\tTroia-Schau\tB-LOCpart\tO\n\n1\tFC\tB-ORG\tO\n2\tDarmstadt\tI-ORG\tB-LOC\n";
    check(
        Format::Conll,
        &[
            (
                "a.tsv",
                germeval,
                "Troia - Traum/OTH Troia-Schau/LOCpart FC Darmstadt/ORG",
                "columns-guessed other-level other-comment",
            ),
            // Without inner entities in what was looked at.
            ("a.tsv", "1\tOslo\tB-LOC\tO\n2\t.\tO\tO\n", "Oslo/LOC", "columns-guessed other-level"),
            // Nested in the last of many columns.
            (
                "a.conll",
                "Bank N NP B-ORG O\nof P PP I-ORG O\nOslo N NP I-ORG B-LOC\n",
                "Bank of Oslo/ORG",
                "columns-guessed other-level",
            ),
            // Gold and predicted.
            (
                "a.txt",
                "Oslo B-LOC B-LOC\nis O O\nBern B-LOC B-ORG\n",
                "Oslo/LOC Bern/ORG",
                "other-tags",
            ),
            // Chunks are no level of entities, wherever they stand.
            ("a.conll", "The DT B-NP O\nOslo NN I-NP B-LOC\n", "Oslo/LOC", ""),
            ("a.conll", "The DT O B-NP\nOslo NN B-LOC I-NP\n", "Oslo/LOC", "columns-guessed"),
            (
                "a.txt",
                "ก\tNN\tB_ORG\tB_CLS\nข\tVV\tO\tE_CLS\n",
                "ก/ORG",
                "columns-guessed tag-spelling",
            ),
        ],
    );
    let options = ReadOptions::default().with_sentences_per_document(0).with_tag_column(Some(3));
    let (documents, _) = read("a.tsv", germeval, &options).unwrap();
    assert_eq!(entities(&documents), "Troia/LOC Darmstadt/LOC");
}

#[test]
fn brackets_hold_entities() {
    let row = |name: &str, word: &str, speaker: &str, entity: &str| {
        format!(
            "{name}   0   0   {word}   NN   (TOP*)   -   -   -   {speaker}   {entity}   *   (1\n"
        )
    };
    let text = [
        "#begin document (nw/a_1); part 000\n".to_owned(),
        row("nw/a_1", "Mara", "-", "(PERSON*"),
        row("nw/a_1", "Quill", "Jo Ray", "*)"),
        row("nw/a_1", "Oslo", "Speaker#1", "(GPE)"),
        "\n".to_owned(),
        row("nw/a_1", "The", "-", "(WORK_OF_ART*"),
        row("nw/a_1", "Paris", "-", "(GPE)"),
        row("nw/a_1", "Story", "-", "*)"),
        "\n#end document\n#begin document (nw/a_1); part 001\n".to_owned(),
        row("nw/a_1", "-", "-", "*"),
        "\n#end document\n".to_owned(),
    ]
    .concat();
    for name in ["a.gold_conll", "a.v4_gold_conll", "a.txt", "a"] {
        let (documents, findings) = read(name, &text, &ReadOptions::default()).unwrap();
        let expected = "Mara Quill/PERSON Oslo/GPE The Paris Story/WORK_OF_ART Paris/GPE || ";
        assert_eq!(entities(&documents), expected, "{name}");
        assert_eq!(documents[0].id(), Some("nw/a_1; part 000"));
        assert_eq!(codes(&findings), "columns-guessed", "{name}");
    }
    check(
        Format::Conll,
        &[
            (
                "a.conll",
                "Mara N (PER*\nQuill N *)\nin P *\nOslo N (LOC)\n",
                MARA,
                "columns-guessed",
            ),
            (
                "a.conll",
                "Mara N (PER*\nQuill N *\n\nOslo N (LOC)\nb N *)\n",
                "Mara Quill/PER Oslo/LOC",
                "columns-guessed bracket bracket",
            ),
        ],
    );
}

#[test]
fn tags_are_read_as_they_are_spelled() {
    check(
        Format::Conll,
        &[
            (
                "a.bmes",
                "高 B-NAME\n勇 E-NAME\n， O\n国 B-CONT\n国 M-CONT\n籍 E-CONT\n李 S-NAME\n",
                "高 勇/NAME 国 国 籍/CONT 李/NAME",
                "tag-spelling",
            ),
            ("a.txt", "a B-X\nb M-X\nc E-X\nd W-Y\ne O\n", "a b c/X d/Y", "tag-spelling"),
            ("a.conll", "Mara\tB_PER\nQuill\tI_PER\nin\tO\nOslo\tB_LOC\n", MARA, "tag-spelling"),
            ("a.conll", "Mara\tB/PER\nQuill\tI/PER\nOslo\tB/LOC\n", MARA, "tag-spelling"),
            ("a.conll", "Mara\tB:PER\nQuill\tI:PER\nOslo\tB:LOC\n", MARA, "tag-spelling"),
            ("a.conll", "Mara\tPER-B\nQuill\tPER-I\nin\tO\nOslo\tLOC-B\n", MARA, "tag-spelling"),
            ("a.conll", "Mara\tPER_B\nQuill\tPER_I\nOslo\tLOC_B\n", MARA, "tag-spelling"),
            ("a.conll", "Mara\tB\nQuill\tI\nin\tO\n", "Mara Quill/ENTITY", "tag-spelling"),
            (
                "a.bmes",
                "Mara\tB\nin\tM\nQuill\tE\nX\tS\n",
                "Mara in Quill/ENTITY X/ENTITY",
                "tag-spelling",
            ),
            (
                "a.conll",
                "a\tB_sub_type\nb\tM_sub_type\nc\tE_sub_type\n",
                "a b c/sub_type",
                "tag-spelling",
            ),
            (
                "a.conll",
                "Mara\tb-PER\nOslo\tb-LOC\nin\to\n",
                "Mara/PER Oslo/LOC",
                "lower-case-tag lower-case-tag lower-case-tag",
            ),
            (
                "a.conll",
                "Mara\tB-sub-type\nin Oslo\tB-job title\n",
                "Mara/sub-type in Oslo/job title",
                "",
            ),
            // One tag in another spelling is one with a fault.
            ("a.conll", "a\tB-X\nb\tI-X\nc\tM-X\n", "a b/X -", "unknown-prefix"),
        ],
    );
}

#[test]
fn tags_that_depend_on_others_are_written_in_the_usual_spelling() {
    for text in [
        "Mara\tper-b\nQuill\tper-i\nin\to\nOslo\tloc-b\n",
        "Mara\tb_per\nQuill\ti_per\nin\to\nOslo\tloc_b\n",
        "Mara\tb\nQuill\ti\nin\to\nOslo\tb\n",
        // A row with a field too many, of which the last is read.
        "Mara\tl-PER\nQuill\tO\ts\t\n.\tO\n",
        // Types that are letters, beside tags that are missing.
        "Mara\tB\nx\tm\ny\tm-\nz\tB-\nOslo\tm\n",
    ] {
        let options = ReadOptions::default().with_sentences_per_document(0);
        let (documents, _) = read("a.conll", text, &options).unwrap();
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("b.conll");
        let mut writer = create(&path, Format::Conll, &WriteOptions::default()).unwrap();
        documents.iter().for_each(|document| writer.write_document(document).unwrap());
        writer.finish().unwrap();
        let written = std::fs::read_to_string(&path).unwrap();
        let (again, _) = read("b.conll", &written, &options).unwrap();
        assert_eq!(entities(&documents), entities(&again), "{text:?} {written:?}");
    }
}

#[test]
fn numbers_need_names() {
    let text = "Mara\t1\nQuill\t2\nin\t0\nOslo\t3\n.\t-100\n";
    let error = read("a.conll", text, &ReadOptions::default()).unwrap_err();
    assert_eq!(error.to_string(), "a.conll:1:2: expected names of tags, found the number 1");
    assert!(error.hint().unwrap_or_default().contains("`tag_names: O,B-PER,I-PER`"));
    let names = ["O", "B-PER", "I-PER", "B-LOC"].map(str::to_owned).to_vec();
    let options = ReadOptions::default().with_sentences_per_document(0).with_tag_names(Some(names));
    assert_eq!(entities(&read("a.conll", text, &options).unwrap().0), format!("{MARA} -"));
    let error = read("a.conll", "a\t1\nb\t4\n", &options).unwrap_err().to_string();
    assert_eq!(error, "a.conll:2:2: expected a number below that of the tag names, 4, found 4");
    // A single `0` is a misspelled O, as it always was.
    let (_, findings) = read("a.conll", "a\tO\nb\t0\n", &ReadOptions::default()).unwrap();
    assert_eq!(codes(&findings), "zero-for-o");
}

#[test]
fn a_column_without_tags_annotates_nothing() {
    check(
        Format::Conll,
        &[
            ("a.conll", "Mara _ _ _\nin _ _ _\n", "- -", "no-annotation"),
            ("a.tsv", "Mara\t\nin\t\n", "- -", "no-annotation"),
            ("a.conll", "Mara\tPROPN\nlives\tVERB\nin\tADP\n", "- - -", "no-annotation"),
            ("a.conll", "Mara\t-\nin\t-\n", "- -", ""),
        ],
    );
    let options = ReadOptions::default().with_sentences_per_document(0).with_tag_column(Some(1));
    let (documents, findings) = read("a.conll", "EU NNP B-ORG\nsaid VBD O\n", &options).unwrap();
    assert_eq!(
        (entities(&documents).as_str(), codes(&findings).as_str()),
        ("- -", "no-annotation")
    );
}

#[test]
fn what_is_no_columns_is_refused_with_a_way_on() {
    for (name, text, expected, hint) in [
        (
            "a.txt",
            "Mara lives here.\nShe came from Oslo last year.\n",
            "a.txt:1: expected rows of as many fields",
            "`format`",
        ),
        (
            "a.tsv",
            "#FORMAT=WebAnno TSV 3.3\n\n#Text=Oslo\n1-1\t0-4\tOslo\tLOC\t\n",
            "a.tsv:1: expected a word and a tag a line, found the TSV of WebAnno",
            "CoNLL 2002",
        ),
        (
            "a.conll",
            "('Mara', 'B-PER'),\n('in', 'O')\n",
            "a.conll:1:1: expected JSON, or columns, found a Python literal",
            "json.dump",
        ),
        (
            "a.tsv",
            "[('Mara', 'B-PER'), ('in', 'O')],\n\n[('Oslo', 'B-LOC')]\n",
            "a.tsv:1:1: expected JSON, or columns, found a Python literal",
            "json.dump",
        ),
        (
            "a.conll",
            "<s>\nMara\tB-PER\n</s>\n",
            "a.conll:1:1: expected a word and a tag, found 1 column in \"<s>\"",
            "`delimiter`",
        ),
    ] {
        let error = read(name, text, &ReadOptions::default()).unwrap_err();
        assert!(error.to_string().starts_with(expected), "{error}");
        assert!(error.hint().unwrap_or_default().contains(hint), "{error:?}");
    }
}

#[test]
fn words_without_a_column_of_tags_are_not_annotated() {
    check(
        Format::Conll,
        &[
            ("a.conll", "Mara\nlives\n\nOslo\n.\n", "- - - -", "no-annotation"),
            ("a.conll", "-DOCSTART-\n\nMara\n,\n1:2\n", "- - -", "no-annotation"),
        ],
    );
    // What parts words and tags here is not named.
    for text in ["Mara;B-PER\nlives;O\n", "Mara,B-PER\nlives,O\n", "Mara\n"] {
        let options = ReadOptions::default();
        let message = read("a.conll", text, &options).unwrap_err().to_string();
        assert!(message.contains("expected a word and a tag"), "{message}");
    }
}
