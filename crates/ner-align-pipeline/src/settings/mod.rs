//! The settings of a training run: a recipe, a TOML file over it, single settings over that.
