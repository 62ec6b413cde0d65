//! The table of the module's documentation and more of its kind, and laws of all splitters.

use ner_align_core::WordSplitting;
use proptest::prelude::*;
use unicode_segmentation::UnicodeSegmentation;

use super::*;

fn words<'t>(splitting: &str, text: &'t str) -> Vec<&'t str> {
    let splitter = WordSplitter::new(&splitting.parse().unwrap()).unwrap();
    splitter.split(text).into_iter().map(|word| &text[word.range()]).collect()
}

#[test]
fn unicode_words_are_cut_as_documented() {
    for (text, expected) in [
        ("", ""),
        (" \t\u{a0}\n", ""),
        // Punctuation.
        ("Putin,who", "Putin , who"),
        ("Cameron(UK)", "Cameron ( UK )"),
        ("“Hi,” «x»… 5%!", "“ Hi , ” « x » … 5 % !"),
        ("$5 €5 US$ a=b", "$ 5 € 5 US $ a = b"),
        ("... (( wait... -- a--b", "... ( ( wait ... -- a -- b"),
        ("and/or a//b C++/.NET", "and / or a / / b C++ / .NET"),
        ("Java–Go—C •x", "Java – Go — C • x"),
        ("ঢাকা। 東京。", "ঢাকা । 東 京 。"),
        // Hyphens.
        ("Paris-based full-time", "Paris - based full - time"),
        ("COVID-19 F-16 6-4 2024-01-15", "COVID-19 F-16 6-4 2024-01-15"),
        ("19-year-old -5 (-5) --5", "19 - year - old -5 ( -5 ) -- 5"),
        ("a - b x‑y", "a - b x ‑ y"),
        // Clitics and negations.
        ("Merkel's MERKEL'S Merkel’s", "Merkel 's MERKEL 'S Merkel ’s"),
        ("we'll they've I'm you're he'd", "we 'll they 've I 'm you 're he 'd"),
        ("don't Don’t can't won't", "do n't Do n’t ca n't wo n't"),
        ("do n't Merkel 's '90s 'tis", "do n't Merkel 's '90s ' tis"),
        ("dogs' 'quoted'", "dogs ' ' quoted '"),
        ("can't've he'd've", "can't 've he'd 've"),
        // Elisions.
        ("l'Allemagne L’Italie dell'Italia", "l' Allemagne L’ Italie dell' Italia"),
        ("qu'il s'est d'été l'hôpital", "qu' il s' est d' été l' hôpital"),
        ("un'altra all'Ilva l' Allemagne", "un' altra all' Ilva l' Allemagne"),
        ("j'ai l'œuvre", "j' ai l' œuvre"),
        // Apostrophes that stay.
        ("O'Brien rock'n'roll aujourd'hui", "O'Brien rock'n'roll aujourd'hui"),
        ("o'clock Qur'an ma'am", "o'clock Qur'an ma'am"),
        // Numbers.
        ("1,000.50 24/7 12:30 3.14,", "1,000.50 24/7 12:30 3.14 ,"),
        ("10am 1st 50,x 1980s 5G 4K 3D", "10am 1st 50 , x 1980s 5G 4K 3D"),
        ("5km 2.5kg 1,000m 5kgs H2O x5km 5m2", "5 km 2.5 kg 1,000 m 5kgs H2O x5km 5m2"),
        // Abbreviations and names.
        ("(e.g. U.S.), B.Sc./M.Sc.", "( e.g. U.S. ) , B.Sc. / M.Sc."),
        ("Ph.D., i.e.: a. U.S.-based", "Ph.D. , i.e. : a . U.S. - based"),
        ("Uses Node.js. It left. J. Doe", "Uses Node.js . It left . J . Doe"),
        (".NET C++ C++, C# F#. AT&T", ".NET C++ C++ , C# F# . AT&T"),
        ("a+b 1+1 a++b C++11", "a + b 1 + 1 a + + b C++11"),
        ("snake_case צה\"ל", "snake_case צה\"ל"),
        // Addresses, names and tags.
        ("see https://a.org/b?c=1, (www.b.de)", "see https://a.org/b?c=1 , ( www.b.de )"),
        ("https://en.wikipedia.org/wiki/A_(b).", "https://en.wikipedia.org/wiki/A_(b) ."),
        ("a.b-c@d-e.org, x@y", "a.b-c@d-e.org , x @ y"),
        ("@user: #tag. (#a) c#d", "@user : #tag . ( #a ) c # d"),
        // Scripts without spaces.
        ("東京タワーへ", "東 京 タ ワ ー へ"),
        ("IBMは1911年", "IBM は 1911 年"),
        ("ภาษาไทย", "ภ า ษ า ไ ท ย"),
        ("ប្រទេស မြန်မာ", "ប្រ ទេ ស မြ န် မ ာ"),
        ("서울에서 봐요", "서울에서 봐요"),
        // Marks, joiners and emoji.
        ("e\u{301}te\u{301}, soft\u{ad}ly", "e\u{301}te\u{301} , soft\u{ad}ly"),
        ("col·legi ok👍🏽👨‍👩‍👧", "col·legi ok 👍🏽 👨‍👩‍👧"),
    ] {
        let expected: Vec<&str> = expected.split(' ').filter(|word| !word.is_empty()).collect();
        assert_eq!(words("unicode", text), expected, "{text:?}");
        let joined: Vec<&str> = split(text).iter().map(|word| &text[word.range()]).collect();
        assert_eq!(joined, expected, "{text:?}");
    }
}

#[test]
fn other_splitters() {
    for (splitting, text, expected) in [
        ("char", "e\u{301} b👍🏽", vec!["e\u{301}", "b", "👍🏽"]),
        ("whitespace", "Merkel's (CDU)\u{a0}x", vec!["Merkel's", "(CDU)", "x"]),
        ("whitespace", "a \u{301}b", vec!["a \u{301}b"]),
        (r"regex:\w+|[^\w\s]", "a-b c", vec!["a", "-", "b", "c"]),
        (r"regex:\d+", "ab12cd (3)", vec!["ab", "12", "cd", "(", "3", ")"]),
        (r"regex:New York| +|x*", "in New York, x", vec!["in", "New York", ",", "x"]),
        (r"regex:e", "e\u{301}e", vec!["e\u{301}", "e"]),
    ] {
        assert_eq!(words(splitting, text), expected, "{splitting} {text:?}");
    }
    let error = WordSplitter::new(&WordSplitting::Regex("(".to_owned())).unwrap_err();
    let expected = "expected a regular expression, found \"(\": unclosed group";
    assert_eq!(error.to_string(), expected);
    assert_eq!(error.kind(), ErrorKind::Usage);
}

proptest! {
    #[test]
    fn spans_are_ordered_whole_and_cover_what_is_not_white_space(
        text in "([-a-zA-Z0-9 .,;:()\"'’#@+&/–…%éл東ไก\u{e33}។।\u{301}\u{200d}]|\\PC|\\s|[stndl]'|n't){0,40}",
        splitting in prop::sample::select(vec!["unicode", "char", "whitespace", r"regex:\w+", "regex:.", r"regex:\s\S"]),
    ) {
        let splitter = WordSplitter::new(&splitting.parse().unwrap()).unwrap();
        let bounds: Vec<usize> =
            text.grapheme_indices(true).map(|(at, _)| at).chain([text.len()]).collect();
        let mut covered = 0;
        for word in splitter.split(&text) {
            prop_assert!(!word.is_empty());
            prop_assert!(covered <= word.start, "{splitting}");
            prop_assert!(text[covered..word.start].chars().all(char::is_whitespace));
            prop_assert!(bounds.binary_search(&word.start).is_ok(), "{splitting} {word:?}");
            // A sign that goes with what follows, such as U+11941, does not make a word of a space.
            let before_space = text[word.end..].starts_with(char::is_whitespace);
            let end = bounds.binary_search(&word.end);
            prop_assert!(end.is_ok() || before_space, "{splitting} {word:?}");
            covered = word.end;
        }
        prop_assert!(text[covered..].chars().all(char::is_whitespace));
    }
}
