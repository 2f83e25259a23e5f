"""From a trained model to a Bento, an image, and a server on this machine."""
