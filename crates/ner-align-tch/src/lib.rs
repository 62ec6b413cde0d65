//! BERT-family encoders on libtorch for the ner-align toolkit.
