"""The tutorial's server: FastAPI around transformers' token-classification pipeline.

    uvicorn --app-dir tests/peers serve_fastapi:app --port 8081    # MODEL=model-best in the environment

It answers POST /v1/entities as `ner-align serve` does, so that the example `load` of
`ner-align-serve` can ask both:

    cargo run --release -p ner-align-serve --example load -- 127.0.0.1:8081 --well-formed

Needs fastapi, uvicorn, transformers==5.17.0 and torch==2.11.0.
"""

import os

from fastapi import FastAPI
from pydantic import BaseModel
from transformers import pipeline

app = FastAPI()
ner = pipeline("token-classification", model=os.environ["MODEL"], aggregation_strategy="first")


class Asked(BaseModel):
    text: str


@app.post("/v1/entities")
def entities(asked: Asked):
    found = ner(asked.text)
    return {
        "text": asked.text,
        "entities": [
            {
                "start": entity["start"],
                "end": entity["end"],
                "label": entity["entity_group"],
                "score": float(entity["score"]),
                "text": asked.text[entity["start"] : entity["end"]],
            }
            for entity in found
        ],
    }
