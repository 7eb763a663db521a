# Recado without a database of its own: for compose.yaml and the like. `make run` needs none of this.
FROM python:3.11-slim-bookworm
RUN useradd --create-home recado
WORKDIR /app
COPY requirements.txt pyproject.toml README.md LICENSE ./
RUN pip install --no-cache-dir --require-hashes -r requirements.txt
COPY recado recado
RUN pip install --no-cache-dir --no-deps .
USER recado
RUN mkdir /home/recado/data
ENV RECADO_DATA_DIR=/home/recado/data RECADO_HOST=0.0.0.0
EXPOSE 3000
CMD ["recado", "up"]
