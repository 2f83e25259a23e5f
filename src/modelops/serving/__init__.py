"""What runs inside the image: signature, predictor, application. Imports nothing else of modelops."""
