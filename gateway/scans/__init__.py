"""Who physically brings a visitor: an agent's dynamic QR (动态码) read at a kiosk or at the reception."""
