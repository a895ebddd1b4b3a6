"""A service as people write it: FastAPI, uvicorn, joblib.load, scikit-learn."""

import socket
import sys

import joblib
import numpy as np
import uvicorn
from fastapi import FastAPI
from sklearn.ensemble import HistGradientBoostingRegressor

data, folder = sys.argv[1:]
table = np.load(data)
model = HistGradientBoostingRegressor(max_iter=100, early_stopping=False)
joblib.dump(model.fit(table[:, 1:], table[:, 0]), f"{folder}/model.joblib")
loaded = joblib.load(f"{folder}/model.joblib")
app = FastAPI()


@app.post("/predict")
def predict(rows: list[list[float]]):
    return {"predictions": loaded.predict(np.array(rows)).tolist()}


sock = socket.socket()
sock.bind(("127.0.0.1", 0))
print(f"http://127.0.0.1:{sock.getsockname()[1]}", flush=True)
uvicorn.Server(uvicorn.Config(app, log_level="error")).run(sockets=[sock])
