//! The program ner-align: convert, check, align, score, train and predict named entities.
