//! Axes, and pictures of logs of every kind.

use proptest::prelude::*;
use serde_json::json;

use super::axis::Axis;
use super::*;

#[test]
fn ticks_are_round() {
    for (values, most, expected) in [
        (vec![0.0, 1000.0], 8, "0 200 400 600 800 1000"),
        (vec![0.0, 37.0], 8, "0 5 10 15 20 25 30 35 40"),
        (vec![0.0, 20000.0], 8, "0 5k 10k 15k 20k"),
        (vec![0.02, 2.31], 4, "0 1 2 3"),
        (vec![0.0, 3e-4], 4, "0 1e-4 2e-4 3e-4"),
        (vec![0.0, 5e-5], 4, "0 2e-5 4e-5 6e-5"),
        (vec![0.531, 0.563], 4, "0.53 0.54 0.55 0.56 0.57"),
        (vec![0.5], 4, "0.2 0.4 0.6 0.8"),
        (vec![0.0, 0.0], 4, "0 0.5 1.0"),
        (vec![], 4, "0 0.5 1.0"),
        (vec![0.0, 4e9], 4, "0 1e9 2e9 3e9 4e9"),
    ] {
        let axis = Axis::around(values.iter().copied(), most);
        let found: Vec<String> = axis.ticks.iter().map(|tick| axis.text(*tick)).collect();
        assert_eq!(found.join(" "), expected, "{values:?}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn an_axis_holds_its_values(
        values in prop::collection::vec(-1e30_f64..1e30, 0..5),
        power in -30_i32..1,
        most in 2_usize..9,
    ) {
        let values: Vec<f64> = values.iter().map(|value| value * 10_f64.powi(power)).collect();
        let axis = Axis::around(values.iter().copied(), most);
        prop_assert!((2..=most + 1).contains(&axis.ticks.len()), "{axis:?}");
        for value in values {
            prop_assert!((-1e-6..=1.0 + 1e-6).contains(&axis.place(value)), "{value} {axis:?}");
        }
        let mut texts: Vec<String> = axis.ticks.iter().map(|tick| axis.text(*tick)).collect();
        texts.dedup();
        prop_assert_eq!(texts.len(), axis.ticks.len(), "{:?}", axis);
    }
}

fn log(steps: usize) -> String {
    let mut text = String::new();
    for step in (10..=steps).step_by(10) {
        let loss = 2.0 / (1.0 + step as f64 / 50.0);
        text += &json!({"step": step, "loss": loss, "learning_rate": 3e-4}).to_string();
        text.push('\n');
        if step % 100 == 0 {
            let f1 = 0.6 - ((step as f64 - 300.0) / 1000.0).powi(2);
            let scores = json!({"strict": {"micro": {"f1": f1}}});
            text += &json!({"step": step, "eval_loss": loss * 1.2, "scores": scores}).to_string();
            text.push('\n');
        }
    }
    text
}

#[test]
fn the_picture_shows_the_run() {
    let curves = Curves::from_log(&(log(600) + "{\"step\": 610, \"lo"));
    let picture = curves.to_svg("wnut <17> & more", Some(300));
    assert!(picture.contains("<title>wnut &lt;17&gt; &amp; more</title>"), "{picture}");
    assert!(picture.contains("best 0.600 at step 300"), "{picture}");
    assert!(picture.contains("<title>step 300: 0.6000</title>"), "{picture}");
    assert_eq!(picture.matches("class=\"curves-best\"").count(), 3);
    assert_eq!(picture.matches("<circle").count(), 12);
    assert_eq!(picture.matches("class=\"curves-line").count(), 4);
    assert!(!picture.contains("NaN") && !picture.contains("inf") && !picture.contains("<script"));
}

#[test]
fn a_run_without_much_has_a_picture_too() {
    let undefined =
        r#"{"step": 1, "eval_loss": null, "scores": {"strict": {"micro": {"f1": null}}}}"#;
    let one = r#"{"step": 1, "loss": 0.0, "learning_rate": 0.0}"#;
    for (text, empty) in [("", true), ("[1]\n7\n", true), (undefined, true), (one, false)] {
        let curves = Curves::from_log(text);
        assert_eq!(curves.is_empty(), empty, "{text}");
        let picture = curves.to_svg("", None);
        assert!(picture.contains("none yet") && !picture.contains("NaN"), "{picture}");
    }
}

#[test]
fn a_long_run_has_a_small_picture() {
    let picture = Curves::from_log(&log(200_000)).to_svg("long", Some(300));
    assert!(picture.len() < 120_000, "{}", picture.len());
    assert_eq!(picture.matches("<circle").count(), 2);
    assert!(picture.contains(">200k</text>"), "{picture}");
}
